package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Links signs addresses of blobs, so that a picture loads in a page without a
// header and stops to load some time after it was shown.
type Links struct {
	key []byte
	ttl time.Duration
}

// NewLinks returns links signed with key that hold for at least ttl.
func NewLinks(key []byte, ttl time.Duration) Links { return Links{key, ttl} }

// To returns the path of a blob under the name a browser saves it as. Within
// half the time to live the path stays the same, so caches can work.
func (l Links) To(name, shown string, at time.Time) string {
	half := int64((l.ttl / 2).Seconds())
	until := (at.Unix()/half + 3) * half
	return fmt.Sprintf("/files/%s/%s?until=%d&sig=%s", name, url.PathEscape(shown), until, l.sign(name, until))
}

// Check reports whether a path's signature is ours and still holds.
func (l Links) Check(name, until, signature string, at time.Time) bool {
	end, err := strconv.ParseInt(until, 10, 64)
	return err == nil && at.Unix() < end && hmac.Equal([]byte(signature), []byte(l.sign(name, end)))
}

func (l Links) sign(name string, until int64) string {
	mac := hmac.New(sha256.New, l.key)
	fmt.Fprintf(mac, "%s\x00%d", name, until)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}
