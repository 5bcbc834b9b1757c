package blob_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"everdesk/internal/blob"
	"everdesk/internal/fault"
)

const accessKey, secretKey = "desk", "correct horse battery"

// cloud speaks as much of S3 as its protocol says a client may expect, and
// believes no request whose signature does not fit what came in.
type cloud struct {
	mu      sync.Mutex
	objects map[string][]byte
	// ill are the answers to the next requests.
	ill []int
	// refused counts requests that were not believed.
	refused int
}

func startCloud(t *testing.T) (*cloud, string) {
	t.Helper()
	c := &cloud{objects: map[string][]byte{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return c, server.URL
}

func complain(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if code := distrust(r, body); code != "" {
		c.refused++
		complain(w, http.StatusForbidden, code)
		return
	}
	if len(c.ill) > 0 {
		status := c.ill[0]
		c.ill = c.ill[1:]
		complain(w, status, map[int]string{503: "SlowDown", 507: "XMinioStorageFull", 500: "InternalError"}[status])
		return
	}
	if !strings.HasPrefix(r.URL.Path, "/uploads/desk/") {
		complain(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	content, known := c.objects[r.URL.Path]
	switch {
	case r.Method == http.MethodPut:
		c.objects[r.URL.Path] = body
	case !known && r.Method != http.MethodDelete:
		complain(w, http.StatusNotFound, "NoSuchKey")
	case r.Method == http.MethodDelete:
		delete(c.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	default:
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// distrust checks the signature as the server of the protocol has to: over what
// it received, by the headers the client says it signed.
func distrust(r *http.Request, body []byte) string {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	credential := strings.Split(parts["Credential"], "/")
	if scheme != "AWS4-HMAC-SHA256" || len(credential) != 5 || credential[0] != accessKey {
		return "InvalidAccessKeyId"
	}
	sum := sha256.Sum256(body)
	if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
		return "XAmzContentSHA256Mismatch"
	}
	moment, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || time.Since(moment).Abs() > 15*time.Minute {
		return "RequestTimeTooSkewed"
	}
	canonical := r.Method + "\n" + r.URL.EscapedPath() + "\n" + r.URL.RawQuery + "\n"
	for name := range strings.SplitSeq(parts["SignedHeaders"], ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		canonical += name + ":" + value + "\n"
	}
	canonical += "\n" + parts["SignedHeaders"] + "\n" + r.Header.Get("X-Amz-Content-Sha256")
	hashed := sha256.Sum256([]byte(canonical))
	key := []byte("AWS4" + secretKey)
	for _, part := range append(credential[1:], "AWS4-HMAC-SHA256\n"+r.Header.Get("X-Amz-Date")+"\n"+strings.Join(credential[1:], "/")+"\n"+hex.EncodeToString(hashed[:])) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	if hex.EncodeToString(key) != parts["Signature"] || !strings.Contains(parts["SignedHeaders"], "host") {
		return "SignatureDoesNotMatch"
	}
	return ""
}

func bucket(t *testing.T, endpoint, secret string) *blob.Bucket {
	t.Helper()
	made, err := blob.NewBucket("s3://uploads/desk?region=eu-test-1&endpoint="+endpoint, accessKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// unseekable is what an archive gives.
type unseekable struct{ io.Reader }

func TestABucketKeepsWholeBlobsOnly(t *testing.T) {
	c, endpoint := startCloud(t)
	b := bucket(t, endpoint, secretKey)
	if _, err := b.Put(t.Context(), "fil_big", strings.NewReader("12345"), 4); !errors.Is(err, blob.ErrTooLarge) {
		t.Errorf("too large a blob: %v", err)
	}
	if _, err := b.Open(t.Context(), "fil_big"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a refused blob is there: %v", err)
	}
	for name, r := range map[string]io.Reader{"fil_one.small": strings.NewReader("0123456789"), "fil_two": unseekable{strings.NewReader("0123456789")}} {
		if size, err := b.Put(t.Context(), name, r, 10); err != nil || size != 10 {
			t.Fatalf("%d, %v", size, err)
		}
		read(t, b, name)
		for range 2 {
			if err := b.Delete(t.Context(), name); err != nil {
				t.Errorf("deleting: %v", err)
			}
		}
		if _, err := b.Open(t.Context(), name); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a deleted blob is there: %v", err)
		}
	}
	for _, name := range []string{"../etc/passwd", "/etc/passwd", "a/b", "..", ""} {
		if _, err := b.Put(t.Context(), name, strings.NewReader("x"), 4); err == nil {
			t.Errorf("%q was accepted as a name", name)
		}
	}
	if c.refused > 0 || len(c.objects) > 0 {
		t.Errorf("%d requests were refused, %d objects are left", c.refused, len(c.objects))
	}
}

// read reads whole, from the middle and from the end, as browsers ask for it.
func read(t *testing.T, b *blob.Bucket, name string) {
	t.Helper()
	for part, want := range map[string]string{"": "0123456789", "bytes=3-5": "345", "bytes=-2": "89"} {
		content, err := b.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Header.Set("Range", part)
		answer := httptest.NewRecorder()
		http.ServeContent(answer, request, "a.txt", time.Time{}, content)
		if answer.Body.String() != want || answer.Header().Get("Content-Length") != strconv.Itoa(len(want)) {
			t.Errorf("%q of %s: %q", part, name, answer.Body)
		}
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestABucketThatIsIllIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		ill  []int
		want error
	}{
		"once":            {[]int{503}, nil},
		"twice":           {[]int{500, 503}, nil},
		"for good":        {[]int{503, 503, 503}, fault.ErrUnavailable},
		"without room":    {[]int{507}, fault.ErrFull},
		"not ill at all":  {nil, nil},
		"then forbidding": {[]int{503, 400}, errors.New("any other")},
	} {
		t.Run(name, func(t *testing.T) {
			server, endpoint := startCloud(t)
			server.ill = c.ill
			_, err := bucket(t, endpoint, secretKey).Put(t.Context(), "fil_one", strings.NewReader("again and again"), 100)
			switch {
			case c.want == nil && (err != nil || string(server.objects["/uploads/desk/fil_one"]) != "again and again"):
				t.Errorf("%v, kept %q", err, server.objects)
			case c.want != nil && err == nil, fault.Of(c.want) != nil && !errors.Is(err, c.want):
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestAWrongKeyIsNotTriedAgainAndAgain(t *testing.T) {
	server, endpoint := startCloud(t)
	_, err := bucket(t, endpoint, "another").Put(t.Context(), "fil_one", strings.NewReader("x"), 100)
	if err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") || server.refused != 1 {
		t.Errorf("%v after %d tries", err, server.refused)
	}
	if strings.Contains(err.Error(), "another") {
		t.Errorf("the secret is told: %v", err)
	}
}

func TestAnAddressOfABucketIsChecked(t *testing.T) {
	for _, address := range []string{"", "uploads", "s3://", "s3://uploads", "s3://uploads?endpoint=host", "s3://uploads?endpoint=ftp://host", "https://host/uploads"} {
		if _, err := blob.NewBucket(address, "", ""); !errors.Is(err, blob.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
