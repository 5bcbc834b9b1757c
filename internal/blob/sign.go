package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// emptySum is the sum of a body that is none.
const emptySum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// signer signs requests by signature version 4 of S3.
type signer struct{ key, secret, region string }

// sign adds the headers of a signature: the host, the range, the time and the
// sum of the body are bound in.
func (s signer) sign(request *http.Request, sum string, at time.Time) {
	moment := at.UTC().Format("20060102T150405Z")
	day := moment[:8]
	request.Header.Set("X-Amz-Date", moment)
	request.Header.Set("X-Amz-Content-Sha256", sum)
	headers := map[string]string{"host": request.URL.Host, "x-amz-content-sha256": sum, "x-amz-date": moment}
	if part := request.Header.Get("Range"); part != "" {
		headers["range"] = part
	}
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	slices.Sort(names)
	var canonical strings.Builder
	canonical.WriteString(request.Method + "\n" + escapePath(request.URL.Path) + "\n\n")
	for _, name := range names {
		canonical.WriteString(name + ":" + headers[name] + "\n")
	}
	signed := strings.Join(names, ";")
	canonical.WriteString("\n" + signed + "\n" + sum)
	digest := sha256.Sum256([]byte(canonical.String()))
	scope := day + "/" + s.region + "/s3/aws4_request"
	text := "AWS4-HMAC-SHA256\n" + moment + "\n" + scope + "\n" + hex.EncodeToString(digest[:])
	key := []byte("AWS4" + s.secret)
	for _, part := range []string{day, s.region, "s3", "aws4_request"} {
		key = keyed(key, part)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+s.key+"/"+scope+", SignedHeaders="+signed+
		", Signature="+hex.EncodeToString(keyed(key, text)))
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// escapePath writes a path as it is signed: all but the unreserved characters
// and slashes as bytes in hexadecimal.
func escapePath(path string) string {
	var escaped strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			escaped.WriteByte(c)
		default:
			escaped.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return escaped.String()
}
