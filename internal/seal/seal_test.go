package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"everdesk/internal/seal"
)

func load(t *testing.T, path string) *seal.Ring {
	t.Helper()
	ring, err := seal.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestASealedValueOpensOnlyWhereItWasSealedFor(t *testing.T) {
	ring := load(t, filepath.Join(t.TempDir(), "keys.json"))
	sealed := ring.Seal("account.mail", "lin@tit.example")
	if strings.Contains(sealed, "lin") || sealed == ring.Seal("account.mail", "lin@tit.example") {
		t.Errorf("%s shows or repeats itself", sealed)
	}
	if text, err := ring.Open("account.mail", sealed); err != nil || text != "lin@tit.example" {
		t.Errorf("opened as %q, %v", text, err)
	}
	changed := []byte(sealed)
	changed[len(changed)-3] ^= 1
	for name, value := range map[string]string{
		"changed": string(changed), "cut": sealed[:20], "no scheme": sealed[3:], "other key": strings.Replace(sealed, "k1", "k9", 1), "not base64": "s1.k1.***",
	} {
		if _, err := ring.Open("account.mail", value); !errors.Is(err, seal.ErrUnsealable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ring.Open("customer.mail", sealed); !errors.Is(err, seal.ErrUnsealable) {
		t.Errorf("opened for another purpose: %v", err)
	}
	if ring.Seal("account.mail", "") != "" {
		t.Error("nothing was sealed to something")
	}
}

func TestAfterARotationTheNewestKeySealsAndTheOldOpens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	old := load(t, path)
	sealed, index := old.Seal("p", "hello"), old.Index("p", "hello")
	if _, err := seal.Rotate(path); err != nil {
		t.Fatal(err)
	}
	ring := load(t, path)
	if text, err := ring.Open("p", sealed); err != nil || text != "hello" {
		t.Errorf("opened as %q, %v", text, err)
	}
	if fresh := ring.Seal("p", "hello"); !ring.Stale(sealed) || ring.Stale(fresh) || !strings.HasPrefix(fresh, "s1.k2.") {
		t.Errorf("sealed %s after %s", fresh, sealed)
	}
	if ring.Index("p", "hello") != index {
		t.Error("the index changed with the rotation")
	}
}

func TestTheIndexKeepsPurposesAndRingsApart(t *testing.T) {
	ring, other := load(t, filepath.Join(t.TempDir(), "a")), load(t, filepath.Join(t.TempDir(), "b"))
	seen := map[string]bool{}
	for _, index := range []string{
		ring.Index("mail", "a@b.example"), ring.Index("phone", "a@b.example"), ring.Index("mail", "a@c.example"),
		other.Index("mail", "a@b.example"), ring.Index("mai", "l.a@b.example"),
	} {
		if seen[index] {
			t.Errorf("%s repeats", index)
		}
		seen[index] = true
	}
}

func TestTheKeyFileIsMadeOnceAndOnlyForItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	rings := make([]*seal.Ring, 8)
	var wg sync.WaitGroup
	for i := range rings {
		wg.Go(func() { rings[i], _ = seal.Load(path) })
	}
	wg.Wait()
	for _, ring := range rings {
		if ring == nil || ring.Index("p", "x") != rings[0].Index("p", "x") {
			t.Fatal("starts at the same time made different rings")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(path); err == nil {
		t.Error("a file everybody may read was taken")
	}
}

func TestUnusableKeysAreRefusedWithoutQuotingThem(t *testing.T) {
	const secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U="
	for name, text := range map[string]string{
		"no JSON":      secret,
		"no keys":      `{"index":"` + secret + `"}`,
		"short key":    `{"index":"` + secret + `","keys":[{"id":"k1","secret":"c2VjcmV0"}]}`,
		"no index":     `{"keys":[{"id":"k1","secret":"` + secret + `"}]}`,
		"id twice":     `{"index":"` + secret + `","keys":[{"id":"k1","secret":"` + secret + `"},{"id":"k1","secret":"` + secret + `"}]}`,
		"dot in an id": `{"index":"` + secret + `","keys":[{"id":"k.1","secret":"` + secret + `"}]}`,
	} {
		if _, err := seal.Parse(text); err == nil || strings.Contains(err.Error(), "c2Vj") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := seal.Parse(`{"index":"` + secret + `","keys":[{"id":"k1","secret":"` + secret + `"}]}`); err != nil {
		t.Error(err)
	}
}

func TestContactsAreMasked(t *testing.T) {
	for given, want := range map[string]string{
		"13800134417": "138 **** 4417", "+86 138 0013 4417": "+86 138 **** 4417", "138-0013-4417": "138 **** 4417",
		"12345": "****", "": "", "no number": "",
	} {
		if got := seal.MaskPhone(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
	for given, want := range map[string]string{
		"anna@shop.example": "a***@shop.example", "a@shop.example": "***@shop.example", "林@shop.example": "***@shop.example",
		"": "", "not an address": "***",
	} {
		if got := seal.MaskMail(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	ring, err := seal.Load(filepath.Join(f.TempDir(), "keys.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("s1.k1.AAAA")
	f.Add("s1.k1." + strings.Repeat("A", 60))
	f.Fuzz(func(t *testing.T, sealed string) {
		if text, err := ring.Open("p", sealed); err == nil && sealed != "" {
			t.Errorf("%q opened as %q", sealed, text)
		}
	})
}
