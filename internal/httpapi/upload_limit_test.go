package httpapi

import (
	"io"
	"mime/multipart"
	"net/http"
	"testing"
)

// A form larger than an upload may be is refused whether or not it says how
// large it is, before it has been taken in.
func TestAnUploadWithoutEndIsRefused(t *testing.T) {
	server := testServer(t)
	for name, declared := range map[string]bool{"its length is declared": true, "its length is not declared": false} {
		t.Run(name, func(t *testing.T) {
			read, write := io.Pipe()
			form := multipart.NewWriter(write)
			go func() {
				part, err := form.CreateFormFile("file", "endless.bin")
				chunk := make([]byte, 1<<20)
				for n := 0; err == nil && n < 2*MaxUpload; n += len(chunk) {
					_, err = part.Write(chunk)
				}
				_ = write.CloseWithError(err) // the server has hung up, as it should
			}()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+Base+"/client/uploads", read)
			if err != nil {
				t.Fatal(err)
			}
			if declared {
				request.ContentLength = 2 * MaxUpload
			}
			request.Header.Set("Content-Type", form.FormDataContentType())
			request.Header.Set("Authorization", "Bearer edv_good")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusRequestEntityTooLarge {
				body, _ := io.ReadAll(response.Body)
				t.Errorf("answered %d %s", response.StatusCode, body)
			}
		})
	}
}
