package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func said(t *testing.T, lines string) (string, bool) {
	t.Helper()
	var out strings.Builder
	r := newReport(&out)
	for text := range strings.Lines(lines) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		r.take(l)
	}
	well := r.end()
	return out.String(), well
}

func TestSuitesNotRunAreListedWithTheReason(t *testing.T) {
	got, well := said(t, `{"Action":"run","Package":"everdesk/a","Test":"TestOne"}
{"Action":"output","Package":"everdesk/a","Test":"TestOne/postgres","Output":"    storetest.go:103: suite not run, no postgres: not found\n"}
{"Action":"skip","Package":"everdesk/a","Test":"TestOne/postgres"}
{"Action":"pass","Package":"everdesk/a","Test":"TestOne","Elapsed":0.1}
{"Action":"pass","Package":"everdesk/a","Elapsed":1.5}
{"Action":"skip","Package":"everdesk/empty"}
`)
	for _, want := range []string{"ok    everdesk/a", "1 tests passed, 0 failed, 1 packages", "not run, no postgres: not found: 1 suites", "everdesk/a TestOne/postgres"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if !well {
		t.Error("a suite that was not run is no failure")
	}
}

func TestAFailureIsShownWithItsOutput(t *testing.T) {
	for name, lines := range map[string]string{
		"of a test": `{"Action":"output","Package":"everdesk/a","Test":"TestOne","Output":"    a_test.go:3: wrong\n"}
{"Action":"fail","Package":"everdesk/a","Test":"TestOne"}
{"Action":"fail","Package":"everdesk/a"}
`,
		"of a package": `{"Action":"output","Package":"everdesk/a","Output":"a_test.go:3: wrong\n"}
{"Action":"fail","Package":"everdesk/a"}
`,
		"of a build": `{"ImportPath":"everdesk/a","Action":"build-output","Output":"a.go:3: wrong\n"}
{"ImportPath":"everdesk/a","Action":"build-fail"}
`,
	} {
		t.Run(name, func(t *testing.T) {
			got, well := said(t, lines)
			if well || !strings.Contains(got, "wrong") {
				t.Errorf("well %v, said\n%s", well, got)
			}
		})
	}
}

func TestTablesOfAPackageAreShown(t *testing.T) {
	got, _ := said(t, `{"Action":"output","Package":"everdesk/drill","Test":"TestOne","Output":"| a test's own |\n"}
{"Action":"pass","Package":"everdesk/drill","Test":"TestOne"}
{"Action":"output","Package":"everdesk/drill","Output":"| drill | lost |\n"}
{"Action":"pass","Package":"everdesk/drill","Elapsed":1.5}
`)
	if !strings.Contains(got, "| drill | lost |") || strings.Contains(got, "own") {
		t.Errorf("got\n%s", got)
	}
}
