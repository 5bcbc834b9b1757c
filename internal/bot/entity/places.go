package entity

import (
	_ "embed"
	"strings"
)

//go:embed places.txt
var placesText string

// A place is a province or a city.
type place struct {
	name, full string
	// province is the full name of a city's province, "" for a province.
	province string
	// self says that a province is a city too: Beijing, Hong Kong.
	self bool
}

// places are the provinces and cities by their short and full names. Where a
// province and a city share a name (吉林), the ending decides.
var places, longestPlace = readPlaces()

func readPlaces() (all map[string]place, longest int) {
	all = map[string]place{}
	add := func(name string, p place) {
		if _, taken := all[name]; !taken {
			all[name] = p
		}
		longest = max(longest, len(name))
	}
	for line := range strings.Lines(placesText) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "#" {
			continue
		}
		full := fields[0] + fields[1]
		province := place{name: fields[0], full: full, self: fields[1] == "市" || fields[1] == "特别行政区"}
		add(full, province)
		add(fields[0], province)
		for _, city := range fields[2:] {
			name, ending, ok := strings.Cut(city, "/")
			if !ok {
				ending = "市"
			}
			p := place{name: name, full: name + ending, province: full}
			add(p.full, p)
			add(name, p)
			if len(ending) > len("地区") {
				add(name+"州", p)
			}
		}
	}
	return all, longest
}

// placeAt returns the longest place that begins at byte i.
func placeAt(text string, i int) (p place, length int, ok bool) {
	for n := min(longestPlace, len(text)-i); n > 0; n-- {
		if p, ok := places[text[i:i+n]]; ok {
			return p, n, true
		}
	}
	return place{}, 0, false
}
