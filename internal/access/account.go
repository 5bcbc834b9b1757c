package access

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What can be wrong at the door, and with its keys.
var (
	ErrWrongSignIn  = fault.New(fault.Unauthenticated, "access.wrong_sign_in")
	ErrTooManyTries = fault.New(fault.Exhausted, "access.too_many_tries")
	ErrNoWorkspace  = fault.New(fault.Forbidden, "access.no_workspace")
	ErrBeyondOwn    = fault.New(fault.Forbidden, "access.beyond_own")

	ErrMailTaken     = fault.New(fault.Conflict, "account.mail_taken")
	ErrWrongPassword = fault.New(fault.Invalid, "account.wrong_password")
	ErrAccountShared = fault.New(fault.Conflict, "account.shared")
	ErrResetEnded    = fault.New(fault.NotFound, "account.reset_ended")

	ErrInvitationEnded = fault.New(fault.NotFound, "invitation.ended")
	ErrAlreadyMember   = fault.New(fault.Conflict, "invitation.already_member")

	ErrSetupDone  = fault.New(fault.Conflict, "setup.done")
	ErrSetupToken = fault.New(fault.Forbidden, "setup.wrong_token")

	ErrSlugTaken = fault.New(fault.Conflict, "workspace.slug_taken")
)

// SealedMail is the purpose that accounts' mail addresses are sealed for.
const SealedMail = "account.mail"

// Account is a person who can sign in. It belongs to no workspace: memberships
// (package staff) join the two.
type Account struct {
	ID        id.Account
	Mail      string
	Name      string
	Locale    string
	Theme     string // "light", "dark" or "system"
	CreatedAt time.Time
	Version   int64
}

// Themes are the console's themes.
var Themes = []string{"system", "light", "dark"}

// CleanMail brings a mail address to the one spelling it is stored and looked
// up by, or refuses the field at path. The name before the @ is lower-cased
// too: no provider in use tells "Lin@" from "lin@", and people type both.
func CleanMail(path, address string) (string, error) {
	address = strings.ToLower(strings.TrimSpace(address))
	if address == "" {
		return "", fault.ErrInvalid.At(path, "required", "a mail address is required")
	}
	if len(address) > 254 {
		return "", fault.ErrInvalid.At(path, "too_long", "a mail address has at most 254 bytes")
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || strings.ContainsFunc(address, unicode.IsControl) {
		return "", fault.ErrInvalid.At(path, "malformed", "not a mail address")
	}
	return address, nil
}

// CleanName trims what people and things are called: 1 to 100 characters on
// one line.
func CleanName(path, name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", fault.ErrInvalid.At(path, "required", "a name is required")
	case utf8.RuneCountInString(name) > 100:
		return "", fault.ErrInvalid.At(path, "too_long", "a name has at most 100 characters")
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", fault.ErrInvalid.At(path, "malformed", "a name has no control characters")
	}
	return name, nil
}

// CheckPassword refuses passwords that are guessed first: too short, of few
// different characters, or made of the mail address. Length is all that is asked
// otherwise; at most 256 bytes are hashed.
func CheckPassword(path, password, address string) error {
	if len(password) > 256 {
		return fault.ErrInvalid.At(path, "too_long", "a password has at most 256 bytes")
	}
	if utf8.RuneCountInString(password) < 10 {
		return fault.ErrInvalid.At(path, "too_short", "a password has at least 10 characters")
	}
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	name, _, _ := strings.Cut(address, "@")
	lower := strings.ToLower(password)
	mailed := len(name) > 3 && strings.Contains(lower, name) || address != "" && strings.Contains(lower, address)
	if len(different) < 5 || mailed || common[lower] {
		return fault.ErrInvalid.At(path, "too_easy", "this password is easy to guess")
	}
	return nil
}

// common are passwords of ten characters and more that every list begins with.
var common = map[string]bool{
	"1234567890": true, "0123456789": true, "12345678910": true, "123456789a": true, "a123456789": true,
	"qwertyuiop": true, "password123": true, "password1234": true, "1q2w3e4r5t": true, "1qaz2wsx3edc": true,
	"administrator": true, "woaini1314520": true, "5201314520": true, "iloveyou123": true, "abcdefghij": true,
	"abc123456789": true, "letmein12345": true, "welcome12345": true, "changeme123": true, "everdesk123": true,
}
