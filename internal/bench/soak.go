package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	sampleEvery = 5 * time.Second
	tellEvery   = 30 * time.Second
	// What memory and goroutines do anyway between two looks.
	memoryAnyway     = 16 // MiB
	heapAnyway       = 8  // MiB
	goroutinesAnyway = 40

	soakVisitors = 400
	soakTalks    = 100
)

// Soaked is what a long run prints.
type Soaked struct {
	Result

	// Answered is how many newcomers the bot answered.
	Answered int `json:"answered"`
	// By how much memory and goroutines rose after the warm-up, and by how much
	// the embedded database's caches may have.
	MemoryRise     float64  `json:"rss_rise_mib"`
	CacheRise      float64  `json:"cache_rise_mib"`
	HeapRise       float64  `json:"heap_rise_mib"`
	GoroutinesRise float64  `json:"goroutines_rise"`
	Grows          bool     `json:"grows"`
	Samples        []sample `json:"samples"`
}

// Failed reports whether something was lost or grows.
func (s Soaked) Failed() bool { return s.Grows || s.Result.Failed() }

// Write prints the result as one JSON object.
func (s Soaked) Write(w io.Writer) error { return write(w, s) }

// soak is a long run under way.
type soak struct {
	options Options
	desk    *desk
	talks   *chatter
	crowd   *crowd
	until   time.Time

	mu       sync.Mutex
	took     []time.Duration // since the last sample
	requests int
	failed   int
	first    error
	answered int
	tickets  map[string]int
}

// Soak keeps a moderate mixed load up for a long time and watches whether the
// desk comes to need more of anything: people arrive, ask the bot, talk to
// agents, upload pictures, lose their connection and come back, and programs
// make tickets.
func Soak(ctx context.Context, options Options) (result Soaked, err error) {
	d, err := start(ctx, options, false)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := teach(ctx, d); err != nil {
		return result, err
	}
	people, err := assemble(ctx, d, soakVisitors, soakTalks)
	if err != nil {
		return result, err
	}
	s := &soak{options: options, desk: d, talks: newChatter(people), tickets: map[string]int{}}
	s.crowd = newCrowd(d.addrs(), people.guests(s.talks.asked.hear, s.talks.replied.hear))
	if _, err := s.crowd.arrive(ctx, 64); err != nil {
		return result, err
	}
	defer s.crowd.scatter()
	result.Bench, result.Engine = "soak", engineName(options)
	started := time.Now()
	s.until = started.Add(options.For)
	result.Samples = s.load(ctx, started)
	result.Seconds, result.Connections = time.Since(started).Seconds(), len(s.crowd.guests)
	if err := s.sum(ctx, &result); err != nil {
		return result, err
	}
	result.judge()
	return result, nil
}

// judge says whether anything rises after the warm-up.
func (s *Soaked) judge() {
	after := judged(s.Samples)
	s.CacheRise = caches(after)
	var memory, heap, goroutines bool
	s.MemoryRise, memory = rises(after, func(one sample) float64 { return one.RSS }, memoryAnyway+s.CacheRise)
	s.HeapRise, heap = rises(after, func(one sample) float64 { return one.Heap }, heapAnyway)
	s.GoroutinesRise, goroutines = rises(after, func(one sample) float64 { return one.Goroutines }, goroutinesAnyway)
	s.Grows = memory || heap || goroutines
}

// load runs everything at its rate until the time is up, and samples.
func (s *soak) load(ctx context.Context, started time.Time) []sample {
	var group sync.WaitGroup
	group.Go(func() {
		sent := s.talks.drive(ctx, 16, s.options.Rate, s.until, asking|replying)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests += len(sent.took)
		s.failed += sent.failed
		if s.first == nil {
			s.first = sent.firstError
		}
	})
	for _, part := range []struct {
		every time.Duration
		do    func(ctx context.Context, w *wire, n int) error
	}{
		{time.Second, s.newcomer},
		{500 * time.Millisecond, s.ticket},
		{2 * time.Second, s.picture},
		{500 * time.Millisecond, s.comeBack},
		{5 * time.Second, s.look},
	} {
		for worker := range 2 { // one may wait for an answer
			group.Go(func() { s.repeat(ctx, part.every, worker, part.do) })
		}
	}
	samples := s.watch(ctx, started)
	group.Wait()
	return samples
}

// repeat does a part of the load, every other turn of two workers.
func (s *soak) repeat(ctx context.Context, every time.Duration, worker int, do func(context.Context, *wire, int) error) {
	w := wire{addr: s.desk.addrs()[0]}
	defer w.close()
	next := time.Now().Add(every * time.Duration(worker))
	for n := worker; ; n += 2 {
		time.Sleep(time.Until(next))
		next = next.Add(2 * every)
		if !time.Now().Before(s.until) || ctx.Err() != nil {
			return
		}
		from := time.Now()
		err := do(ctx, &w, n)
		s.mu.Lock()
		if s.requests++; err != nil {
			s.failed++
			if s.first == nil {
				s.first = err
			}
		} else {
			s.took = append(s.took, time.Since(from))
		}
		s.mu.Unlock()
	}
}

// watch samples until the time is up, and tells now and then.
func (s *soak) watch(ctx context.Context, started time.Time) []sample {
	var samples []sample
	told := started
	talked := 0
	for {
		select {
		case <-ctx.Done():
			return samples
		case <-time.After(min(sampleEvery, time.Until(s.until))):
		}
		now := time.Now()
		heard := s.talks.asked.count() + s.talks.replied.count()
		s.mu.Lock()
		one := sample{
			Seconds: now.Sub(started).Seconds(), RSS: s.desk.rss(), Sockets: len(s.crowd.guests) - int(s.crowd.lost.Load()),
			PerSecond: float64(heard-talked+len(s.took)) / sampleEvery.Seconds(), P99: quantile(s.took, .99), Errors: s.failed,
		}
		s.took, talked = nil, heard
		s.mu.Unlock()
		figures, err := s.desk.metrics(ctx)
		if err != nil {
			s.options.say("reading the metrics: %v", err)
		}
		one.Goroutines, one.Heap = figures["go_goroutines"], figures["go_memstats_heap_inuse_bytes"]/(1<<20)
		if file, err := os.Stat(filepath.Join(s.desk.dir, "data", "everdesk.db")); err == nil {
			one.Database = float64(file.Size()) / (1 << 20)
		}
		samples = append(samples, one)
		if now.Sub(told) >= tellEvery-time.Second || !now.Before(s.until) {
			told = now
			s.options.say("%4.0f s: %.1f MiB, %.1f of it heap, %.0f goroutines, %d sockets, %.0f a second, p99 %.1f ms, %d errors", one.Seconds, one.RSS, one.Heap, one.Goroutines, one.Sockets, one.PerSecond, one.P99, one.Errors)
		}
		if !now.Before(s.until) {
			return samples
		}
	}
}

// sum reads everything back and adds it up.
func (s *soak) sum(ctx context.Context, result *Soaked) error {
	if s.first != nil {
		s.options.say("first error: %v", s.first)
	}
	if err := s.talks.verify(ctx, s.options, &result.Result); err != nil {
		return err
	}
	found, err := everyTicket(ctx, s.desk)
	if err != nil {
		return err
	}
	for ticket := range s.tickets {
		switch found[ticket] {
		case 0:
			result.Lost++
		case 1:
		default:
			result.Doubled++
		}
	}
	result.Acknowledged += len(s.tickets)
	result.Errors, result.Answered, result.RSS = s.failed, s.answered, s.desk.rss()
	result.PerSecond = float64(s.requests) / result.Seconds
	result.Delivered = s.talks.asked.count() + s.talks.replied.count()
	result.DeliveryP50, result.DeliveryP99 = s.talks.asked.quantile(.5), s.talks.asked.quantile(.99)
	result.ReplyP50, result.ReplyP99 = s.talks.replied.quantile(.5), s.talks.replied.quantile(.99)
	return nil
}

// metrics reads the desk's own figures that have no labels.
func (d *desk) metrics(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	figures := map[string]float64{}
	for line := range strings.Lines(string(raw)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			figures[name] = value
		}
	}
	return figures, nil
}

// decode is json.Unmarshal that names what could not be read.
func decode(answer []byte, out any) error {
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%w in %s", err, answer)
	}
	return nil
}
