// Package web holds the built front end.
//
// What Vite builds is not tracked: git keeps only the .keep file of each dist
// folder, which Vite copies back from public/ at every build. So the Go tree
// compiles without Node, and a binary built that way knows that it has no pages.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:console/dist all:widget/dist all:demo/dist
var built embed.FS

// Console returns the built console; false when this binary was built before
// the front end, and then the files are not to be served.
func Console() (fs.FS, bool) { return folder("console/dist") }

// Widget returns the built widget: loader, frame, service worker and the H5
// page; false as for Console.
func Widget() (fs.FS, bool) { return folder("widget/dist") }

// Demo returns the demonstration shop, to be served below /demo/; false as for
// Console.
func Demo() (fs.FS, bool) { return folder("demo/dist") }

func folder(path string) (fs.FS, bool) {
	dir, err := fs.Sub(built, path)
	if err != nil {
		return nil, false
	}
	_, err = fs.Stat(dir, "index.html")
	return dir, err == nil
}
