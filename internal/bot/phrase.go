package bot

import (
	"strconv"

	"everdesk/internal/locale"
)

// phrase returns one of the wordings of a code ("bot.miss.1", "bot.miss.2"...),
// taking turns by seed, so that the bot does not repeat itself and a turn taken
// twice says the same.
func phrase(tag, code string, seed int64) string {
	n := int64(0)
	for locale.Has(tag, code+"."+strconv.FormatInt(n+1, 10)) {
		n++
	}
	if n == 0 {
		return locale.Text(tag, code, nil)
	}
	return locale.Text(tag, code+"."+strconv.FormatInt(seed%n+1, 10), nil)
}
