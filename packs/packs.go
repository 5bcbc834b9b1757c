// Package packs holds content to start with: a shop's questions, products,
// customers and conversations. Each folder's README says what its files mean.
package packs

import (
	"embed"
	"io/fs"
)

//go:embed ecommerce
var files embed.FS

// Ecommerce is a web shop that sells clothing, home goods and small electronics.
func Ecommerce() fs.FS {
	pack, err := fs.Sub(files, "ecommerce")
	if err != nil {
		panic(err) // only a malformed name fails
	}
	return pack
}
