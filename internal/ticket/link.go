package ticket

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// ErrLink says that a link was not signed here, was changed, or has expired.
var ErrLink = fault.New(fault.Unauthenticated, "ticket.link_ended")

// LinkLasts is how long a link in a mail opens a ticket.
const LinkLasts = 30 * 24 * time.Hour

// Marker makes keyed checksums; *seal.Ring is the one.
type Marker interface {
	Index(purpose, value string) string
}

const (
	linkPurpose = "ticket.link"
	linkBytes   = 20
	// markLetters is how much of a checksum a link carries: 132 bits.
	markLetters = 22
)

// Link is the right to see and answer one ticket as its customer. It is short
// enough for a text message.
type Link struct {
	Workspace id.Workspace
	Ticket    id.Ticket
	// Expires is exact to the minute.
	Expires time.Time
}

// NewLink returns the link to a ticket that a letter of a time carries.
func NewLink(workspace id.Workspace, t id.Ticket, at time.Time) Link {
	return Link{workspace, t, at.Add(LinkLasts).Truncate(time.Minute)}
}

// Token is the signed text of the link, 49 letters of a URL.
func (l Link) Token(marker Marker) string {
	raw := binary.BigEndian.AppendUint64(make([]byte, 0, linkBytes), uint64(l.Workspace))
	raw = binary.BigEndian.AppendUint64(raw, uint64(l.Ticket))
	raw = binary.BigEndian.AppendUint32(raw, uint32(l.Expires.Unix()/60))
	text := base64.RawURLEncoding.EncodeToString(raw)
	return text + mark(marker, text)
}

func mark(marker Marker, text string) string { return marker.Index(linkPurpose, text)[:markLetters] }

// ParseLink reads a token, or returns ErrLink.
func ParseLink(token string, marker Marker, at time.Time) (Link, error) {
	const letters = (linkBytes*8 + 5) / 6
	if len(token) != letters+markLetters {
		return Link{}, ErrLink
	}
	text := token[:letters]
	if subtle.ConstantTimeCompare([]byte(mark(marker, text)), []byte(token[letters:])) != 1 {
		return Link{}, ErrLink
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return Link{}, ErrLink
	}
	link := Link{
		Workspace: id.Workspace(binary.BigEndian.Uint64(raw)), Ticket: id.Ticket(binary.BigEndian.Uint64(raw[8:])),
		Expires: time.Unix(int64(binary.BigEndian.Uint32(raw[16:]))*60, 0).UTC(),
	}
	if !link.Expires.After(at) {
		return Link{}, ErrLink
	}
	return link, nil
}
