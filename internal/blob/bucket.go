package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"everdesk/internal/fault"
)

// Bucket keeps blobs in a store that speaks S3. It uses no more of it than to
// put, get and delete one object, with path-style addresses and signature
// version 4, which all of them understand.
type Bucket struct {
	// base is the address of the bucket with its prefix, without a slash at the end.
	base   *url.URL
	signer signer
	client *http.Client
	now    func() time.Time
}

// ErrAddress says that an address of a bucket cannot be read.
var ErrAddress = errors.New("want s3://BUCKET or s3://BUCKET/PREFIX, with ?endpoint=https://HOST and perhaps &region=REGION")

// NewBucket returns the store at an address such as
// s3://bucket/prefix?endpoint=https://host&region=eu-central-1. Nobody is asked
// yet.
func NewBucket(address, key, secret string) (*Bucket, error) {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "s3" || at.Host == "" {
		return nil, ErrAddress
	}
	base, err := url.Parse(at.Query().Get("endpoint"))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, ErrAddress
	}
	base = base.JoinPath(at.Host, strings.Trim(at.Path, "/"))
	base.Path, base.RawQuery = strings.TrimSuffix(base.Path, "/"), ""
	region := at.Query().Get("region")
	if region == "" {
		region = "us-east-1"
	}
	return &Bucket{
		base: base, signer: signer{key: key, secret: secret, region: region}, now: time.Now,
		// Elsewhere the signature would not hold.
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
		}},
	}, nil
}

// tries is how often a request is made that may work the next time.
const tries = 3

// Put keeps what r gives. Its sum goes with it, so that what arrives is what was
// sent or nothing.
func (b *Bucket) Put(ctx context.Context, name string, r io.Reader, limit int64) (int64, error) {
	// The size has to be known before; what can be read twice need not be kept.
	content, ok := r.(io.ReadSeeker)
	if !ok {
		all, err := io.ReadAll(io.LimitReader(r, limit+1))
		if err != nil {
			return 0, fault.ErrUnavailable.Because(err)
		}
		content = bytes.NewReader(all)
	}
	start, err := content.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	sum := sha256.New()
	size, err := io.Copy(sum, io.LimitReader(content, limit+1))
	if err != nil {
		return 0, failure(err)
	}
	if size > limit {
		return 0, ErrTooLarge.With("limit", strconv.FormatInt(limit>>20, 10))
	}
	answer, err := b.ask(ctx, http.MethodPut, name, hex.EncodeToString(sum.Sum(nil)), func(request *http.Request) error {
		request.ContentLength = size
		request.Body = io.NopCloser(content)
		_, err := content.Seek(start, io.SeekStart)
		return err
	})
	if err != nil {
		return 0, err
	}
	return size, answer.Body.Close()
}

// Open opens a blob; its bytes are fetched when they are read.
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	answer, err := b.ask(ctx, http.MethodHead, name, emptySum, nil)
	if err != nil {
		return nil, err
	}
	return &object{ctx: ctx, bucket: b, name: name, size: answer.ContentLength}, answer.Body.Close()
}

// Delete removes a blob.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	answer, err := b.ask(ctx, http.MethodDelete, name, emptySum, nil)
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// ask makes a signed request and returns a good answer, whose body the caller
// closes. prepare is called before each try.
func (b *Bucket) ask(ctx context.Context, method, name, sum string, prepare func(*http.Request) error) (*http.Response, error) {
	if name == "" || strings.ContainsAny(name, "/\\") || strings.HasPrefix(name, ".") {
		return nil, fault.ErrNotFound
	}
	var failed error
	for try := range tries {
		if try > 0 {
			pause := time.NewTimer(time.Duration(try*try) * 100 * time.Millisecond)
			select {
			case <-ctx.Done():
				pause.Stop()
				return nil, fault.ErrUnavailable.Because(ctx.Err())
			case <-pause.C:
			}
		}
		request, err := http.NewRequestWithContext(ctx, method, b.base.JoinPath(name).String(), http.NoBody)
		if err == nil && prepare != nil {
			err = prepare(request)
		}
		if err != nil {
			return nil, err
		}
		b.signer.sign(request, sum, b.now())
		answer, err := b.client.Do(request)
		if err != nil {
			failed = fault.ErrUnavailable.Because(err)
			continue
		}
		if answer.StatusCode < 300 {
			return answer, nil
		}
		if failed = refusal(answer); fault.KindOf(failed) != fault.Unavailable || errors.Is(failed, fault.ErrFull) {
			return nil, failed
		}
	}
	return nil, failed
}

// refusal reads why, and ends the answer.
func refusal(answer *http.Response) error {
	var said struct {
		Code    string
		Message string
	}
	// HEAD has no body; some say why in other words than XML.
	_ = xml.NewDecoder(io.LimitReader(answer.Body, 16<<10)).Decode(&said)
	why := fmt.Errorf("the bucket answered %s %s %s", answer.Status, said.Code, said.Message)
	why = errors.Join(why, answer.Body.Close())
	switch {
	case answer.StatusCode == http.StatusNotFound && said.Code != "NoSuchBucket":
		return fault.ErrNotFound.Because(why)
	case answer.StatusCode == http.StatusInsufficientStorage || strings.Contains(said.Code, "StorageFull") || said.Code == "QuotaExceeded":
		return fault.ErrFull.Because(why)
	case answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests:
		return fault.ErrUnavailable.Because(why)
	}
	return why
}

// object is an open blob.
type object struct {
	ctx    context.Context
	bucket *Bucket
	name   string
	size   int64
	at     int64
	body   io.ReadCloser // from at on, nil until it is read
}

// Read fetches from where the object stands.
func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if o.body == nil {
		answer, err := o.bucket.ask(o.ctx, http.MethodGet, o.name, emptySum, func(request *http.Request) error {
			request.Header.Set("Range", fmt.Sprintf("bytes=%d-", o.at))
			return nil
		})
		if err != nil {
			return 0, err
		}
		if answer.StatusCode != http.StatusPartialContent && o.at > 0 {
			return 0, errors.Join(fmt.Errorf("the bucket answered %s to a range", answer.Status), answer.Body.Close())
		}
		o.body = answer.Body
	}
	n, err := o.body.Read(p)
	o.at += int64(n)
	if errors.Is(err, io.EOF) && o.at < o.size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Seek moves; what was fetched is kept only if nothing moves.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return o.at, errors.New("blob: sought before the beginning")
	}
	if offset == o.at {
		return offset, nil
	}
	o.at = offset
	return offset, o.Close()
}

// Close ends what is being fetched.
func (o *object) Close() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}
