package entity

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// mostReadings bounds the readings of a word of letters with several each.
const mostReadings = 16

var reading = func() pinyin.Args {
	args := pinyin.NewArgs()
	args.Heteronym = true
	return args
}()

// sounds returns how a word may be read, in pinyin without tones or spaces.
// Latin letters and digits stand for themselves.
func sounds(word string) []string {
	all := []string{""}
	for _, r := range word {
		next := []string{string(r)}
		if han(r) {
			next = distinct(pinyin.SinglePinyin(r, reading))
			if len(next) == 0 {
				return nil
			}
		}
		var longer []string
		for _, head := range all {
			for _, tail := range next {
				if len(longer) < mostReadings {
					longer = append(longer, head+tail)
				}
			}
		}
		all = longer
	}
	return all
}

func distinct(readings []string) (all []string) {
	for _, one := range readings {
		one = strings.ReplaceAll(one, "v", "u")
		known := false
		for _, other := range all {
			known = known || other == one
		}
		if !known {
			all = append(all, one)
		}
	}
	return all
}
