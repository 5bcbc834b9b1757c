package archtest

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxLines is the longest a file may be; 400 is where to think of splitting it.
const maxLines = 600

// measured reports whether a file is source somebody reads and edits.
func measured(file string) bool {
	if strings.HasSuffix(file, ".d.ts") {
		return false
	}
	return slices.Contains([]string{".go", ".ts", ".tsx", ".vue", ".css", ".mjs", ".js"}, path.Ext(file))
}

// checkLength reports a file that has grown too long to be read in one sitting.
// Generated files are nobody's reading.
func checkLength(file string, text []byte) []Violation {
	head, _, _ := bytes.Cut(text, []byte("\n\n"))
	if bytes.Contains(head, []byte("Code generated")) || bytes.Contains(head, []byte("auto-generated")) {
		return nil
	}
	lines := bytes.Count(text, []byte("\n"))
	if lines <= maxLines {
		return nil
	}
	return []Violation{{file, "length", fmt.Sprintf("%d lines, at most %d: split it by what its parts do", lines, maxLines)}}
}
