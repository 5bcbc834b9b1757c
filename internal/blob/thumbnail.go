package blob

import (
	"bytes"
	"image"
	_ "image/gif" // formats a customer's picture comes in
	"image/jpeg"
	_ "image/png"
	"io"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"everdesk/internal/fault"
)

// ErrNotAnImage says that bytes that looked like a picture are none, or one so
// large that opening it would be an attack.
var ErrNotAnImage = fault.New(fault.Invalid, "file.not_an_image")

const (
	// maxPixels bounds what is decoded: 40 megapixels are 160 MiB unpacked.
	maxPixels = 40_000_000
	// thumbnailSide is the longer side of a thumbnail.
	thumbnailSide = 480
)

// Picture is what a client needs to lay out an image before it has loaded.
type Picture struct {
	Width, Height int
	// Thumbnail is a JPEG, or nil if the picture itself is small.
	Thumbnail []byte
}

// Measure reads a picture's size and makes its thumbnail.
func Measure(r io.ReadSeeker) (Picture, error) {
	config, _, err := image.DecodeConfig(r)
	if err != nil || config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return Picture{}, ErrNotAnImage
	}
	picture := Picture{Width: config.Width, Height: config.Height}
	if config.Width <= thumbnailSide && config.Height <= thumbnailSide {
		return picture, nil
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Picture{}, err
	}
	full, _, err := image.Decode(r)
	if err != nil {
		return Picture{}, ErrNotAnImage
	}
	scale := float64(thumbnailSide) / float64(max(config.Width, config.Height))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(config.Width)*scale)), max(1, int(float64(config.Height)*scale))))
	// White below: JPEG has no transparency.
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	var packed bytes.Buffer
	if err := jpeg.Encode(&packed, small, &jpeg.Options{Quality: 82}); err != nil {
		return Picture{}, err
	}
	picture.Thumbnail = packed.Bytes()
	return picture, nil
}
