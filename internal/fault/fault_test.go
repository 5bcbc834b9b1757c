package fault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"everdesk/internal/fault"
)

func TestADerivedErrorIsStillItsOrigin(t *testing.T) {
	origin := fault.New(fault.Conflict, "conversation.taken")
	derived := fmt.Errorf("assigning: %w", origin.With("agent", "Lin").Because(errors.New("lost race")).After(time.Second))
	if !errors.Is(derived, origin) {
		t.Errorf("%v is not its origin", derived)
	}
	if fault.KindOf(derived) != fault.Conflict {
		t.Errorf("kind %d, want Conflict", fault.KindOf(derived))
	}
	if origin.Facts != nil || origin.RetryAfter != 0 || origin.Unwrap() != nil {
		t.Errorf("deriving changed the origin: %+v", origin)
	}
}

func TestFieldsDoNotLeakBetweenCopies(t *testing.T) {
	base := fault.ErrInvalid.At("body.a", "required", "")
	one, two := base.At("body.b", "too_long", ""), base.At("body.c", "malformed", "")
	if one.Fields[1].Path != "body.b" || two.Fields[1].Path != "body.c" || len(fault.ErrInvalid.Fields) != 0 {
		t.Errorf("fields run together: %v, %v", one, two)
	}
}

func TestAnUnclassifiedErrorIsInternal(t *testing.T) {
	if kind := fault.KindOf(errors.New("surprise")); kind != fault.Internal {
		t.Errorf("kind %d, want Internal", kind)
	}
}
