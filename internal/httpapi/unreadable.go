package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"syscall"

	"everdesk/internal/fault"
)

// separator stands between the parts of an unreadable's text; a body that holds
// it is refused before.
const separator = "\x00"

// unreadable is why a body could not be decoded. The library keeps only the
// text of such an error, so the text carries the parts.
type unreadable struct{ code, path, what, detail string }

// Error returns the parts, for carried to read.
func (u unreadable) Error() string {
	return strings.Join([]string{"", u.code, u.path, u.what, u.detail}, separator)
}

// decoding names the field that a body could not be decoded at, and not the
// value found there.
func decoding(err error) error {
	if known := fault.Of(err); known != nil && len(known.Fields) > 0 {
		first := known.Fields[0]
		return unreadable{known.Code, first.Path, first.Code, first.Detail}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		path := "body"
		if wrong.Field != "" {
			path += "." + wrong.Field
		}
		return unreadable{fault.ErrInvalid.Code, path, "malformed", "does not fit " + wrong.Type.Kind().String()}
	}
	return err
}

// carried returns the fault in the text of an unreadable, or nil.
func carried(text string) *fault.Error {
	parts := strings.Split(text, separator)
	if len(parts) != 5 {
		return nil
	}
	return fault.New(fault.Invalid, parts[1]).At(parts[2], parts[3], parts[4])
}

// unkept returns why a body was not taken although nothing is wrong with it, or
// nil: there was no room for its temporary file, or it came too slowly. The
// library passes on some of these as text only.
func unkept(err error) error {
	text := err.Error()
	switch {
	case errors.Is(err, syscall.ENOSPC) || strings.Contains(text, syscall.ENOSPC.Error()):
		return fault.ErrFull.Because(err)
	case errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(text, os.ErrDeadlineExceeded.Error()):
		return errTooSlow
	}
	return nil
}

// unreadableAs corrects the status of a body that could not be read, and drops
// what only the library would say of a form that is none.
func unreadableAs(err error, status int, errs []error) (int, []error) {
	text := err.Error()
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge || strings.Contains(text, "request body too large"):
		return http.StatusRequestEntityTooLarge, errs
	case !strings.HasPrefix(text, "cannot read multipart form"):
		return status, errs
	case strings.Contains(text, "Content-Type"):
		return http.StatusUnsupportedMediaType, nil
	}
	return http.StatusBadRequest, nil
}

// ofFile has what is wrong with an upload name the field it came in.
func ofFile(err error) error {
	if known := fault.Of(err); known != nil && known.Kind == fault.Invalid && len(known.Fields) == 0 {
		_, what, _ := strings.Cut(known.Code, ".")
		return known.At("body.file", what, "")
	}
	return err
}
