package access

import (
	"regexp"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// Workspace is one tenant.
type Workspace struct {
	ID   id.Workspace
	Name string
	// Slug is the workspace's name in addresses, unique in the installation.
	Slug   string
	Locale string
	// TimeZone is an IANA name; calendars have their own.
	TimeZone  string
	CreatedAt time.Time
	Version   int64
}

// Founding is what makes a workspace with its first owner.
type Founding struct {
	Name, Slug, Locale, TimeZone string
	OwnerName, Mail, Password    string
}

var slugs = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// CheckSlug refuses what cannot stand in an address: 1 to 40 lower-case
// letters, figures and inner hyphens.
func CheckSlug(path, slug string) error {
	if !slugs.MatchString(slug) {
		return fault.ErrInvalid.At(path, "malformed", "1 to 40 of a-z, 0-9 and inner hyphens")
	}
	return nil
}

// CheckTimeZone refuses what is no IANA time zone.
func CheckTimeZone(path, name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return fault.ErrInvalid.At(path, "malformed", "not an IANA time zone such as Asia/Shanghai")
	}
	return nil
}

// Founded is a new workspace and its first owner.
type Founded struct {
	Workspace Workspace
	Account   id.Account
	Staff     id.Staff
}

// Profile is a signed-in person where they are now.
type Profile struct {
	Account   Account
	Workspace Workspace
	// Workspaces are all they may switch to, by name.
	Workspaces []Workspace
	Staff      id.Staff
	StaffName  string
	Role       Role
	Reach      Reach
}

// Me changes what is not nil of a person's own account.
type Me struct {
	Name   *string
	Locale *string
	Theme  *string
}

// WorkspacePatch changes what is not nil.
type WorkspacePatch struct {
	Name     *string
	Locale   *string
	TimeZone *string
}

// Mail is a message about the door itself: an invitation, a new password.
type Mail struct {
	// Workspace is the one whose mail account sends it.
	Workspace id.Workspace
	To        string
	Subject   string
	// Text is plain and holds a link that is a secret.
	Text string
}
