// Package channeltest runs the real counterparts of channels for tests: a
// Postfix of its own, in a directory that goes with the test.
package channeltest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"everdesk/internal/store/storetest"
)

// Domain is whose mailboxes the test Postfix has.
const Domain = "customer.test"

// Postfix is a running mail server. Mailboxes are those given to StartPostfix;
// every other address at Domain is refused with 550, and every other domain
// with 554.
type Postfix struct {
	// Port speaks SMTP with STARTTLS, TLSPort SMTP over TLS.
	Port, TLSPort int
	// Roots hold the certificate of "localhost".
	Roots *x509.CertPool
	// SignsIn says that User and Password are known: Dovecot is here to check
	// them.
	SignsIn bool
	dir     string
}

// Addr is the plain address, "127.0.0.1:2525".
func (p *Postfix) Addr() string { return fmt.Sprintf("127.0.0.1:%d", p.Port) }

// User and Password sign in to the test Postfix.
const (
	User     = "desk"
	Password = "correct-horse"
)

// StartPostfix starts a Postfix with mailboxes ("lin" is lin@customer.test) and
// ends it with the test. It needs root, as Postfix's master does; its own
// processes then run as the postfix user.
func StartPostfix(t testing.TB, mailboxes ...string) *Postfix {
	t.Helper()
	program, err := exec.LookPath("postfix")
	if err != nil {
		program = "/usr/sbin/postfix"
		if _, err := os.Stat(program); err != nil {
			storetest.Missing(t, "mail", "no postfix")
		}
	}
	if os.Getuid() != 0 {
		storetest.Missing(t, "mail", "postfix must be started by root")
	}
	dir, err := os.MkdirTemp("", "everdesk-mail")
	must(t, err)
	p := &Postfix{dir: dir, Roots: x509.NewCertPool()}
	p.Port, p.TLSPort = freePort(t), freePort(t)
	t.Cleanup(func() {
		must(t, os.RemoveAll(dir))
	})
	// Postfix's own user walks through here.
	must(t, os.Chmod(dir, 0o755))
	for _, sub := range []string{"config", "queue", "data", "mail"} {
		must(t, os.Mkdir(filepath.Join(dir, sub), 0o755))
	}
	must(t, exec.Command("chown", "postfix", filepath.Join(dir, "data")).Run())
	must(t, exec.Command("chown", "nobody", filepath.Join(dir, "mail")).Run())
	p.certify(t)
	p.SignsIn = p.startDovecot(t)
	p.configure(t, mailboxes)
	// Its daemons keep what they are given as output, so that is a file.
	output, err := os.Create(filepath.Join(dir, "output"))
	must(t, err)
	t.Cleanup(func() { must(t, output.Close()) })
	run := func(verb string) {
		command := exec.Command(program, "-c", filepath.Join(dir, "config"), verb)
		command.Stdout, command.Stderr = output, output
		if err := command.Run(); err != nil {
			t.Fatalf("postfix %s: %v: %s", verb, err, p.log())
		}
	}
	run("start")
	t.Cleanup(func() { run("abort") })
	return p
}

func (p *Postfix) configure(t testing.TB, mailboxes []string) {
	t.Helper()
	var boxes []string
	for _, name := range mailboxes {
		boxes = append(boxes, fmt.Sprintf("%s@%s=%s/", name, Domain, name))
	}
	main := fmt.Sprintf(`
compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/mail.log
maillog_file_prefixes = %[1]s
myhostname = mx.%[2]s
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = %[1]s/cert.pem
smtpd_tls_key_file = %[1]s/key.pem
virtual_mailbox_domains = %[2]s
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = inline:{%[3]s}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
alias_maps =
alias_database =
`, p.dir, Domain, strings.Join(boxes, ","))
	if p.SignsIn {
		main += "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = " + p.dir + "/auth\n"
	}
	master := fmt.Sprintf(`
127.0.0.1:%d inet n - n - - smtpd
127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
error unix - - n - - error
virtual unix - n n - - virtual
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
`, p.Port, p.TLSPort)
	must(t, os.WriteFile(filepath.Join(p.dir, "config", "main.cf"), []byte(main), 0o644))
	must(t, os.WriteFile(filepath.Join(p.dir, "config", "master.cf"), []byte(master), 0o644))
}

// startDovecot lets Dovecot check passwords for Postfix; without Dovecot nobody
// can sign in.
func (p *Postfix) startDovecot(t testing.TB) bool {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		return false
	}
	config := fmt.Sprintf(`
base_dir = %[1]s/dovecot
state_dir = %[1]s/dovecot
log_path = %[1]s/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login
disable_plaintext_auth = no
passdb {
  driver = static
  args = user=%[2]s password=%[3]s
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=%[1]s
}
service auth {
  unix_listener %[1]s/auth {
    mode = 0666
  }
}
`, p.dir, User, Password)
	file := filepath.Join(p.dir, "dovecot.conf")
	must(t, os.WriteFile(file, []byte(config), 0o644))
	server := exec.Command(program, "-F", "-c", file)
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	must(t, server.Start())
	t.Cleanup(func() {
		must(t, server.Process.Signal(syscall.SIGTERM))
		// It ends by the signal, which Wait reports as an error.
		_ = server.Wait()
	})
	waitFor(t, "dovecot", func() bool {
		_, err := os.Stat(filepath.Join(p.dir, "auth"))
		return err == nil
	})
	return true
}

// certify makes a certificate for localhost.
func (p *Postfix) certify(t testing.TB) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.WriteFile(filepath.Join(p.dir, "cert.pem"), certificate, 0o644))
	must(t, os.WriteFile(filepath.Join(p.dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	p.Roots.AppendCertsFromPEM(certificate)
}

// Mail waits until a mailbox holds n messages and returns them, the oldest
// first.
func (p *Postfix) Mail(t testing.TB, mailbox string, n int) []*mail.Message {
	t.Helper()
	folder := filepath.Join(p.dir, "mail", mailbox, "new")
	var files []string
	waitFor(t, mailbox+"'s mail", func() bool {
		found, err := filepath.Glob(filepath.Join(folder, "*"))
		must(t, err)
		files = found
		return len(files) >= n
	})
	var all []*mail.Message
	for _, file := range files {
		all = append(all, parse(t, file))
	}
	return all
}

// waitFor looks until something outside this process is there.
func waitFor(t testing.TB, what string, there func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !there() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		<-tick.C
	}
}

func parse(t testing.TB, file string) *mail.Message {
	t.Helper()
	raw, err := os.ReadFile(file)
	must(t, err)
	message, err := mail.ReadMessage(strings.NewReader(string(raw)))
	must(t, err)
	return message
}

func (p *Postfix) log() string {
	var text strings.Builder
	for _, name := range []string{"output", "mail.log"} {
		raw, err := os.ReadFile(filepath.Join(p.dir, name))
		fmt.Fprintf(&text, "%s: %v\n%s\n", name, err, raw)
	}
	return text.String()
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { must(t, listener.Close()) }()
	return listener.Addr().(*net.TCPAddr).Port
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
