package bench

import "slices"

// sample is the desk's state at one moment of a long run.
type sample struct {
	Seconds    float64 `json:"seconds"`
	RSS        float64 `json:"rss_mib"`
	Heap       float64 `json:"heap_mib"`
	Database   float64 `json:"database_mib,omitempty"`
	Goroutines float64 `json:"goroutines"`
	Sockets    int     `json:"connections"`
	PerSecond  float64 `json:"per_second"`
	P99        float64 `json:"p99_ms"`
	Errors     int     `json:"errors"`
}

// warmUp is the part of a long run that is not judged: caches fill.
const warmUp = 0.3

// trend is by how much a series rises or falls from its first to its last
// sample, by the median of the slopes between all pairs: a few outliers, such as
// the moment before a collection, do not sway it.
func trend(samples []sample, value func(sample) float64) float64 {
	var slopes []float64
	for i, from := range samples {
		for _, to := range samples[i+1:] {
			slopes = append(slopes, (value(to)-value(from))/(to.Seconds-from.Seconds))
		}
	}
	if len(slopes) == 0 {
		return 0
	}
	slices.Sort(slopes)
	return slopes[len(slopes)/2] * (samples[len(samples)-1].Seconds - samples[0].Seconds)
}

// judged are the samples after the warm-up.
func judged(samples []sample) []sample {
	if len(samples) == 0 {
		return nil
	}
	from := samples[len(samples)-1].Seconds * warmUp
	first := slices.IndexFunc(samples, func(s sample) bool { return s.Seconds >= from })
	return samples[first:]
}

// cacheConnections and cacheEach are the embedded database's caches, which fill
// with what is read and written: each connection may hold the whole file, up to
// so many MiB. See internal/store/sqlite.
const (
	cacheConnections = 5
	cacheEach        = 32
)

// caches is by how much those caches may have grown.
func caches(samples []sample) float64 {
	if len(samples) == 0 {
		return 0
	}
	from, to := samples[0].Database, samples[len(samples)-1].Database
	return cacheConnections * (min(to, cacheEach) - min(from, cacheEach))
}

// rises reports whether a series ends notably above where it began: by more than
// a tenth of its median, and by more than what comes and goes anyway.
func rises(samples []sample, value func(sample) float64, anyway float64) (by float64, notably bool) {
	by = trend(samples, value)
	if by <= anyway {
		return by, false
	}
	all := make([]float64, len(samples))
	for i, s := range samples {
		all[i] = value(s)
	}
	slices.Sort(all)
	return by, by > all[len(all)/2]/10
}
