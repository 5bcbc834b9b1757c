package web_test

import (
	"io/fs"
	"testing"

	"everdesk/web"
)

// A binary compiled without Node must say so instead of serving an empty page.
func TestAFolderIsOfferedOnlyWithItsFirstPage(t *testing.T) {
	for name, open := range map[string]func() (fs.FS, bool){"console": web.Console, "widget": web.Widget, "demo": web.Demo} {
		t.Run(name, func(t *testing.T) {
			files, ok := open()
			_, err := fs.Stat(files, "index.html")
			if ok != (err == nil) {
				t.Errorf("offered is %v, first page: %v", ok, err)
			}
			if _, err := fs.Stat(files, ".keep"); err != nil {
				t.Errorf("the tracked file is gone, so a fresh clone would not compile: %v", err)
			}
		})
	}
}
