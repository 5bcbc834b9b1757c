package openai

import (
	"strings"
	"testing"
)

func FuzzStreamed(f *testing.F) {
	f.Add("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n")
	f.Add(": ping\n\ndata: {\"error\":{}}\n\n")
	f.Add("data: [DONE]")
	f.Fuzz(func(t *testing.T, body string) {
		heard := 0
		reply, err := streamed(strings.NewReader(body), func(piece string) error { heard += len(piece); return nil })
		if err == nil && (len(reply.Text) != heard || len(reply.Text) > mostText) {
			t.Errorf("%d bytes, heard %d", len(reply.Text), heard)
		}
	})
}
