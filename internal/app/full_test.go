package app_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"everdesk/internal/app"
	"everdesk/internal/config"
	"everdesk/internal/store/storetest"
)

// smallDisk is a file system of its own, of some MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("everdesk", folder, "tmpfs", 0, "size=12m"); err != nil {
		storetest.Missing(t, "mount", err.Error())
	}
	t.Cleanup(func() { must(t, syscall.Unmount(folder, syscall.MNT_DETACH)) })
	return folder
}

// fill writes until there is no room, and returns what to delete.
func fill(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(folder, "ballast")
	file, err := os.Create(path)
	must(t, err)
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		chunk := make([]byte, size)
		for err = nil; err == nil; {
			_, err = file.Write(chunk)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	must(t, file.Close())
	return path
}

// On a full disk nothing new is taken, and whoever tries is told why; what is
// there can be read; and when there is room again, work goes on by itself.
func TestAFullDiskRefusesNewWorkAndAnswersReads(t *testing.T) {
	t.Setenv("EVERDESK_KEYS", "")
	folder := smallDisk(t)
	a, err := app.New(t.Context(), config.Node{Data: folder, LogLevel: "error"}, "test", "127.0.0.1:80")
	must(t, err)
	t.Cleanup(func() { must(t, a.Close()) })
	h := found(t, a, "lanmo")
	h.furnish(t)
	ballast := fill(t, folder)

	asks := func(n string) (string, any) {
		return "/client/conversations", map[string]any{"client_id": n, "body": says(strings.Repeat("is anybody there? ", 60))}
	}
	accepted, refused := 0, 0
	for i := 0; i < 55 && refused < 20; i++ {
		path, body := asks(fmt.Sprint("full", i))
		answer := h.visitor.ask(t, "POST", path, body)
		switch {
		case answer.Code < 300:
			accepted++
		case answer.Code == http.StatusInsufficientStorage && problem(answer).Code == "storage.full" && answer.Header().Get("Retry-After") != "":
			refused++
		default:
			t.Fatalf("a message on a full disk: %d %s", answer.Code, answer.Body)
		}
	}
	if refused == 0 {
		t.Fatalf("the disk is not full: %d were accepted", accepted)
	}
	upload := h.owner.ask(t, "POST", "/uploads", form{"big.txt", []byte(strings.Repeat("big ", 100_000))})
	if upload.Code != http.StatusInsufficientStorage || problem(upload).Code != "storage.full" {
		t.Errorf("an upload on a full disk: %d %s", upload.Code, upload.Body)
	}
	for _, path := range []string{"/conversations", "/conversations/" + h.one["conversations"] + "/entries", "/tickets", "/session", "/audit"} {
		for name, who := range map[string]guest{"a person": h.owner, "a program": h.key} {
			if name == "a program" && path == "/session" {
				continue
			}
			if answer := who.ask(t, "GET", path, nil); answer.Code != http.StatusOK {
				t.Errorf("%s reads %s on a full disk: %d %s", name, path, answer.Code, answer.Body)
			}
		}
	}
	if answer := h.visitor.ask(t, "GET", "/client/conversations", nil); answer.Code != http.StatusOK {
		t.Errorf("a visitor reads on a full disk: %d %s", answer.Code, answer.Body)
	}
	must(t, os.Remove(ballast))
	path, body := asks("afterwards")
	if answer := h.stranger.ask(t, "POST", path, body); answer.Code >= 300 {
		t.Errorf("there is room again: %d %s", answer.Code, answer.Body)
	}
}
