package blob_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"everdesk/internal/blob"
	"everdesk/internal/fault"
)

func TestAFolderKeepsWholeBlobsOnly(t *testing.T) {
	folder, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Put(t.Context(), "fil_big", strings.NewReader("12345"), 4); !errors.Is(err, blob.ErrTooLarge) {
		t.Errorf("too large a blob: %v", err)
	}
	if _, err := folder.Open(t.Context(), "fil_big"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a refused blob is there: %v", err)
	}
	if size, err := folder.Put(t.Context(), "fil_ok", strings.NewReader("1234"), 4); err != nil || size != 4 {
		t.Fatalf("%d, %v", size, err)
	}
	file, err := folder.Open(t.Context(), "fil_ok")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if read, err := io.ReadAll(file); err != nil || string(read) != "1234" {
		t.Errorf("%q, %v", read, err)
	}
	for _, name := range []string{"../etc/passwd", "/etc/passwd", "a/b", "..", "", "x"} {
		if _, err := folder.Put(t.Context(), name, strings.NewReader("x"), 4); err == nil {
			t.Errorf("%q was accepted as a name", name)
		}
	}
}

func TestOnlyHarmlessTypesAreShown(t *testing.T) {
	for name, c := range map[string]struct {
		head, file string
		want       blob.Type
	}{
		"a picture":                   {"\x89PNG\r\n\x1a\n", "a.png", blob.Type{Media: "image/png", Kind: "image", Inline: true}},
		"a picture named as a page":   {"\x89PNG\r\n\x1a\n", "a.html", blob.Type{Media: "image/png", Kind: "image", Inline: true}},
		"a page named as a picture":   {"<html><script>alert(1)</script>", "a.png", blob.Type{Media: "application/octet-stream", Kind: "file"}},
		"a page named as a document":  {"<!DOCTYPE html><script>", "a.pdf", blob.Type{Media: "application/octet-stream", Kind: "file"}},
		"SVG, which can carry script": {`<?xml version="1.0"?><svg onload="x">`, "a.svg", blob.Type{Media: "application/octet-stream", Kind: "file"}},
		"a document":                  {"%PDF-1.7", "a.PDF", blob.Type{Media: "application/pdf", Kind: "file"}},
		"a program":                   {"MZ\x90\x00", "a.exe", blob.Type{Media: "application/octet-stream", Kind: "file"}},
		"nothing":                     {"", "", blob.Type{Media: "application/octet-stream", Kind: "file"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := blob.Sniff([]byte(c.head), c.file); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestNamesAreMadeFitToBeShown(t *testing.T) {
	for given, want := range map[string]string{
		"C:\\Users\\x\\报价 😀.pdf": "报价 😀.pdf", "../../etc/passwd": "passwd", "a\"b\r\nSet-Cookie: x": "abSet-Cookie x",
		"": "file", "...": "file", "in\u202efdp.exe": "infdp.exe",
	} {
		if got := blob.CleanName(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestAPictureIsMeasuredAndABombIsNot(t *testing.T) {
	large := image.NewRGBA(image.Rect(0, 0, 1200, 600))
	large.Set(3, 3, color.White)
	var packed bytes.Buffer
	if err := png.Encode(&packed, large); err != nil {
		t.Fatal(err)
	}
	picture, err := blob.Measure(bytes.NewReader(packed.Bytes()))
	if err != nil || picture.Width != 1200 || picture.Height != 600 {
		t.Fatalf("%dx%d, %v", picture.Width, picture.Height, err)
	}
	small, _, err := image.DecodeConfig(bytes.NewReader(picture.Thumbnail))
	if err != nil || small.Width != 480 || small.Height != 240 {
		t.Errorf("thumbnail %dx%d, %v", small.Width, small.Height, err)
	}
	bomb := bytes.Clone(packed.Bytes())
	copy(bomb[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 x 65536, says the header
	if _, err := blob.Measure(bytes.NewReader(bomb)); !errors.Is(err, blob.ErrNotAnImage) {
		t.Errorf("the bomb: %v", err)
	}
}

func TestALinkHoldsForItsTimeAndItsBlob(t *testing.T) {
	links, at := blob.NewLinks([]byte("key"), 2*time.Hour), time.Unix(1_800_000_000, 0)
	u, err := url.Parse(links.To("fil_a", "报价.pdf", at))
	if err != nil {
		t.Fatal(err)
	}
	until, sig := u.Query().Get("until"), u.Query().Get("sig")
	if !links.Check("fil_a", until, sig, at.Add(2*time.Hour)) {
		t.Error("the link ended early")
	}
	if links.Check("fil_b", until, sig, at) || links.Check("fil_a", until+"0", sig, at) || links.Check("fil_a", until, sig, at.Add(4*time.Hour)) {
		t.Error("the link opens more than it should")
	}
}
