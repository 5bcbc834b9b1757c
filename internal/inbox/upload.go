package inbox

import (
	"time"

	"everdesk/internal/id"
)

// Upload is a file people have sent.
type Upload struct {
	ID        id.File
	Name      string
	MediaType string
	Size      int64
	// Width and Height are set for images.
	Width, Height int
	// Thumbnail is the media type of the smaller image kept beside it, or empty.
	Thumbnail string
	CreatedAt time.Time
}

// Shown is the upload as a message holds it, without addresses.
func (u Upload) Shown() File {
	file := File{ID: u.ID, Name: u.Name, Size: u.Size, MediaType: u.MediaType, Width: u.Width, Height: u.Height}
	if u.Thumbnail != "" {
		file.ThumbnailURL = "thumbnail"
	}
	return file
}
