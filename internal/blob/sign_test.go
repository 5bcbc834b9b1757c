package blob

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The example of a ranged GET in the documentation of the protocol.
func TestASignatureIsThatOfTheDocumentation(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Range", "bytes=0-9")
	signer{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"}.sign(request, emptySum, time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
	const want = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := request.Header.Get("Authorization"); got != want {
		t.Errorf("got %s", got)
	}
	if got := escapePath("/a b/ü~x+"); got != "/a%20b/%C3%BC~x%2B" {
		t.Errorf("a path is signed as %s", got)
	}
	if strings.Contains(request.Header.Get("Authorization"), "wJalr") {
		t.Error("the secret is sent")
	}
}
