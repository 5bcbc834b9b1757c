package doctor

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"everdesk/internal/outbound"
	"everdesk/internal/seal"
)

// settings looks at what was configured, before anything is opened.
func (e *examination) settings(context.Context) {
	const check = "configuration"
	if err := e.Node.Validate(); err != nil {
		e.fail(check, "correct the flag or its EVERDESK_* variable", "%v", err)
		return
	}
	if _, err := outbound.New(e.Node.AllowTargets); err != nil {
		e.fail(check, "correct --allow-targets", "--allow-targets: %v", err)
		return
	}
	good := true
	for _, network := range e.Node.TrustedProxies {
		if strings.HasSuffix(network, "/0") {
			good = false
			e.warn(check, "name the network of the proxies only", "--trusted-proxies %s: anybody may say which address they come from", network)
		}
	}
	host, _, err := net.SplitHostPort(e.Node.Addr)
	if err != nil {
		e.fail(check, "give HOST:PORT", "--addr %s: %v", e.Node.Addr, err)
		return
	}
	local := host == "localhost" || net.ParseIP(host).IsLoopback()
	switch {
	case !local && !e.Node.On() && !strings.HasPrefix(e.Node.PublicURL, "https://"):
		good = false
		e.warn(check, "give --tls-auto or --tls-cert, or put a proxy with TLS in front and name it with --public-url and --trusted-proxies",
			"passwords and messages travel without TLS")
	case e.Node.PublicURL == "" && len(e.Node.Auto) == 0:
		good = false
		e.warn(check, "give --public-url", "links in mail will lead to %s", e.Node.Public(e.Node.Addr))
	}
	if good {
		e.ok(check, "people reach the desk at %s", e.Node.Public(e.Node.Addr))
	}
}

// folder looks at the data directory.
func (e *examination) folder(context.Context) {
	const check = "data directory"
	info, err := os.Stat(e.Node.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.fail(check, "start the desk once, or correct --data", "%s is not there", e.Node.Data)
		return
	case err != nil:
		e.fail(check, "correct --data, or its permissions", "%v", err)
		return
	case !info.IsDir():
		e.fail(check, "correct --data", "%s is no directory", e.Node.Data)
		return
	}
	probe, err := os.CreateTemp(e.Node.Data, ".doctor-*")
	if err == nil {
		_, err = probe.WriteString("probe")
		err = errors.Join(err, probe.Sync(), probe.Close(), os.Remove(probe.Name()))
	}
	switch {
	case err != nil:
		e.fail(check, "give the desk's user the right to write there, or make room", "it cannot be written to: %v", err)
	case info.Mode().Perm()&0o077 != 0:
		e.warn(check, "chmod 700 "+e.Node.Data, "others may look into %s", e.Node.Data)
	default:
		e.ok(check, "%s can be written to", e.Node.Data)
	}
}

const (
	// littleSpace and noSpace are bytes free below which a disk is warned of, and
	// is as good as full.
	littleSpace = 2 << 30
	noSpace     = 128 << 20
)

// space looks at the disk under the data directory.
func (e *examination) space(context.Context) {
	const check = "disk space"
	const do = "make room or enlarge the disk: docs/runbooks/disk-full.md"
	var disk syscall.Statfs_t
	if err := syscall.Statfs(e.Node.Data, &disk); err != nil {
		return // there is no such directory, which has been said
	}
	free, all := disk.Bavail*uint64(disk.Bsize), disk.Blocks*uint64(disk.Bsize)
	share := 100 * float64(free) / float64(max(1, all))
	switch {
	case free < noSpace || disk.Files > 0 && disk.Ffree < 1000:
		e.fail(check, do, "%d MiB and %d files are left", free>>20, disk.Ffree)
	case free < littleSpace || share < 5:
		e.warn(check, do, "%d MiB are left, %.0f %%", free>>20, share)
	default:
		e.ok(check, "%.1f GiB are left, %.0f %%", float64(free)/(1<<30), share)
	}
}

// keys looks at what sealed values open with.
func (e *examination) keys(context.Context) {
	const check = "keys"
	var err error
	if e.Keys != "" {
		if e.ring, err = seal.Parse(e.Keys); err != nil {
			e.fail(check, "put the text of the desk's keys.json into EVERDESK_KEYS", "EVERDESK_KEYS: %v", err)
			return
		}
		e.ok(check, "from EVERDESK_KEYS")
		return
	}
	path := filepath.Join(e.Node.Data, "keys.json")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		e.fail(check, "bring the desk's keys.json back, or start a new desk, which makes one", "%s is not there", path)
		return
	}
	if e.ring, err = seal.Load(path); err != nil {
		e.fail(check, "chmod 600 "+path+" as the desk's user, or bring it back from where you keep it", "%v", err)
		return
	}
	e.ok(check, "%s, for its owner only", path)
}

// manyFiles is how many open files a node with some thousand sockets needs.
const manyFiles = 8192

// limits looks at what the system lets a process have.
func (e *examination) limits(context.Context) {
	const check = "open files"
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		e.warn(check, "ulimit -n", "%v", err)
		return
	}
	if limit.Max < manyFiles {
		e.warn(check, "raise LimitNOFILE of the unit, or ulimit -n", "a process may have %d: so many visitors can be connected, and no more", limit.Max)
		return
	}
	e.ok(check, "a process may have %d", limit.Max)
}
