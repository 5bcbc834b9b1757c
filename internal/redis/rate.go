package redis

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// rateWithin is how long a request may wait for a shared rate; after that the
// node's own decides.
const rateWithin = 100 * time.Millisecond

// rate keeps, for each name, when its bucket would be full again, by the clock
// of Redis: nodes whose clocks differ share it all the same. One token is taken
// if that leaves the time to a full bucket within the burst.
var rate = rueidis.NewLuaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full < now then full = now end
full = full + tonumber(ARGV[1])
if full - now > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 1`)

// Allow takes a token from the bucket that all nodes share under a name: it
// holds burst tokens and gains perSecond of them each second. known is false if
// Redis did not say in time.
func (c *Client) Allow(ctx context.Context, name string, perSecond, burst float64) (allowed, known bool) {
	inner := c.client()
	if inner == nil || !c.Up() {
		return false, false
	}
	ctx, cancel := context.WithTimeout(ctx, rateWithin)
	defer cancel()
	each := 1e6 / perSecond
	// Names are addresses and tokens, which are nobody's business.
	sum := sha256.Sum256([]byte(name))
	key := c.prefix + "rate:" + base64.RawURLEncoding.EncodeToString(sum[:16])
	answer, err := rate.Exec(ctx, inner, []string{key}, []string{number(each), number(each * burst)}).AsInt64()
	return answer == 1, err == nil
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', 0, 64) }
