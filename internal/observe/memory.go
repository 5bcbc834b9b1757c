package observe

import (
	"bytes"
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"
)

// Between two collections the heap may grow by room, but by no less than
// leastGrowth and no more than mostGrowth percent of what is in use. A node with
// little in use would otherwise collect many times a second under load, and one
// with many connections would keep as much garbage as connections.
// docs/benchmarks.md has the figures these were chosen by.
const (
	room        = 64 << 20
	leastGrowth = 60
	mostGrowth  = 250
	// tuneEvery is how often the growth follows what is in use.
	tuneEvery = 5 * time.Second
)

// growth is the percentage the heap may grow by with so many bytes in use.
func growth(used uint64) int {
	return int(min(max(100*room/max(used, 1), leastGrowth), mostGrowth))
}

// TuneMemory has the collector follow what the node holds, until ctx ends, and
// keeps the process below nine tenths of the memory it may have by collecting
// harder. GOGC and GOMEMLIMIT in the environment turn either off.
func TuneMemory(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") == "" {
		if memory := available(); memory > 0 {
			debug.SetMemoryLimit(memory / 10 * 9)
		}
	}
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(mostGrowth)
	ticker := time.NewTicker(tuneEvery)
	defer ticker.Stop()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	for last := mostGrowth; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		metrics.Read(sample)
		// Changing it stops the program for a moment: not for a few percent.
		if now := growth(sample[0].Value.Uint64() + sample[1].Value.Uint64()); now > last+last/8 || now < last-last/8 {
			debug.SetGCPercent(now)
			last = now
		}
	}
}

// available is how much memory this process may have: the container's limit, or
// the machine's. Zero if nobody says.
func available() int64 {
	least := int64(0)
	for _, limit := range []int64{limitIn("/sys/fs/cgroup/memory.max"), machine()} {
		if limit > 0 && (least == 0 || limit < least) {
			least = limit
		}
	}
	return least
}

// limitIn reads a file that holds a number of bytes, or "max".
func limitIn(path string) int64 {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(raw)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// machine is the memory of the machine.
func machine() int64 {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(raw) {
		fields := bytes.Fields(line)
		if len(fields) >= 2 && string(fields[0]) == "MemTotal:" {
			if kib, err := strconv.ParseInt(string(fields[1]), 10, 64); err == nil {
				return kib << 10
			}
		}
	}
	return 0
}
