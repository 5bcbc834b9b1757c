package app

import (
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"everdesk/internal/httpapi"
	"everdesk/internal/locale"
)

// WriteOpenAPI writes the API's document as serving desks of this version show
// it, without a database.
func WriteOpenAPI(w io.Writer, version string) error {
	server := httpapi.New(httpapi.Ports{}, httpapi.Options{
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Version: version, Title: locale.Text,
	})
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(server.OpenAPI())
}
