package app

import (
	"reflect"
	"testing"

	"everdesk/internal/config"
)

// A handler whose port nobody bound would only fail when it is first called.
func TestEveryPortIsBound(t *testing.T) {
	desk, err := New(t.Context(), config.Node{Data: t.TempDir(), LogLevel: "error"}, "test", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := desk.Close(); err != nil {
			t.Error(err)
		}
	}()
	ports := reflect.ValueOf(desk.ports())
	for i := range ports.NumField() {
		if ports.Field(i).IsZero() {
			t.Errorf("nobody answers httpapi.Ports.%s", ports.Type().Field(i).Name)
		}
	}
}
