package main

import (
	"os"

	"everdesk/internal/app"
)

// openapi prints what the API is.
type openapi struct{}

// Run prints the document.
func (*openapi) Run() error { return app.WriteOpenAPI(os.Stdout, version) }
