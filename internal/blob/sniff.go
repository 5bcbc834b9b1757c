package blob

import (
	"bytes"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Type is what an upload turned out to be.
type Type struct {
	// Media is the media type it is served with.
	Media string
	// Kind is "image", "audio", "video" or "file", as in a message's body.
	Kind string
	// Inline says that browsers may show it; everything else is downloaded.
	Inline bool
}

// inline are the types that are shown: formats that carry no script. SVG, HTML
// and PDF are not among them.
var inline = map[string]string{
	"image/jpeg": "image", "image/png": "image", "image/gif": "image", "image/webp": "image",
	"audio/mpeg": "audio", "audio/wave": "audio", "audio/ogg": "audio", "audio/webm": "audio", "audio/mp4": "audio",
	"video/mp4": "video", "video/webm": "video", "application/ogg": "audio",
}

// attached are the types kept under their own name but only downloaded.
var attached = map[string]string{
	".pdf": "application/pdf", ".zip": "application/zip", ".csv": "text/csv", ".txt": "text/plain",
	".doc": "application/msword", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xls": "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".ppt": "application/vnd.ms-powerpoint", ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

// Sniff decides by the first bytes (512 are enough) what an upload is; what its
// name or sender claims counts only among harmless types.
func Sniff(head []byte, name string) Type {
	found, _, _ := strings.Cut(http.DetectContentType(head), ";")
	extension := strings.ToLower(path.Ext(name))
	switch {
	case found == "video/webm" && (extension == ".weba" || strings.HasPrefix(name, "voice")):
		return Type{"audio/webm", "audio", true}
	case found == "video/mp4" && extension == ".m4a", bytes.Contains(head[:min(len(head), 16)], []byte("ftypM4A")):
		return Type{"audio/mp4", "audio", true}
	case inline[found] != "":
		return Type{found, inline[found], true}
	case attached[extension] != "" && found != "text/html" && found != "text/xml":
		return Type{attached[extension], "file", false}
	}
	return Type{"application/octet-stream", "file", false}
}

// CleanName makes a file's name fit to be shown, stored and put in a header.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || strings.ContainsRune(`"<>:|?*/`, r) ||
			unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	for len(name) > 120 {
		_, size := utf8.DecodeRuneInString(name)
		name = name[size:]
	}
	if name = strings.Trim(name, ". "); name == "" {
		return "file"
	}
	return name
}
