package locale_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/locale"
)

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	if diff := cmp.Diff(locale.Codes(locale.English), locale.Codes(locale.Chinese)); diff != "" {
		t.Errorf("codes differ (-en +zh-CN):\n%s", diff)
	}
	placeholders := regexp.MustCompile(`\{[^}]*\}`)
	for _, code := range locale.Codes(locale.English) {
		var used [2][]string
		for i, tag := range locale.Tags {
			message := locale.Raw(tag, code)
			if strings.TrimSpace(message) == "" {
				t.Errorf("%s says nothing for %s", tag, code)
			}
			used[i] = placeholders.FindAllString(message, -1)
			slices.Sort(used[i])
			used[i] = slices.Compact(used[i])
		}
		if diff := cmp.Diff(used[0], used[1]); diff != "" {
			t.Errorf("%s uses other facts in each language:\n%s", code, diff)
		}
	}
}

// Full-width punctuation after Chinese, and a space between Chinese and
// figures or Latin letters.
func TestChineseIsSetAsChinese(t *testing.T) {
	half := regexp.MustCompile(`\p{Han}[,.!?;:()]|[,!?;()]\p{Han}`)
	tight := regexp.MustCompile(`\p{Han}[0-9A-Za-z{]|[0-9A-Za-z}]\p{Han}`)
	for _, code := range locale.Codes(locale.Chinese) {
		message := locale.Raw(locale.Chinese, code)
		if found := half.FindString(message); found != "" {
			t.Errorf("%s: half-width punctuation at %q", code, found)
		}
		if found := tight.FindString(message); found != "" {
			t.Errorf("%s: no space at %q", code, found)
		}
	}
}

func TestEveryFaultDeclaredHasATitle(t *testing.T) {
	codes := declared(t)
	if len(codes) < 6 {
		t.Fatalf("found only %v", codes)
	}
	for code, where := range codes {
		for _, tag := range locale.Tags {
			if !locale.Has(tag, code) {
				t.Errorf("%s (%s) has no title in %s", code, where, tag)
			}
		}
	}
}

// declared finds fault.New(kind, "code") in the sources.
func declared(t *testing.T) map[string]string {
	t.Helper()
	codes := map[string]string{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, "internal", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 || !makesFault(call.Fun, path.Base(path.Dir(file)) == "fault") {
				return true
			}
			if literal, ok := call.Args[1].(*ast.BasicLit); ok {
				if code, err := strconv.Unquote(literal.Value); err == nil {
					codes[code] = file
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

func makesFault(function ast.Expr, inside bool) bool {
	switch f := function.(type) {
	case *ast.Ident:
		return inside && f.Name == "New"
	case *ast.SelectorExpr:
		from, ok := f.X.(*ast.Ident)
		return ok && from.Name == "fault" && f.Sel.Name == "New"
	}
	return false
}

func TestFactsFillTheirPlaces(t *testing.T) {
	code := "request.key_reused"
	if text := locale.Text(locale.English, code, nil); text == code {
		t.Error("no text")
	}
	if text := locale.Text(locale.English, "no.such_code", nil); text != "no.such_code" {
		t.Errorf("an unknown code became %q", text)
	}
	for given, want := range map[string]string{
		"{who} has it": "Lin has it", "by {nobody}": "by …", "{who}{who}": "LinLin", "open {who": "open {who", "plain": "plain",
	} {
		if got := locale.Fill(given, map[string]string{"who": "Lin"}); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestMomentsAreWrittenAsTheReaderSaysThem(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	now := time.Date(2026, 12, 31, 20, 0, 0, 0, time.UTC)
	at := time.Date(2027, 1, 4, 9, 5, 0, 0, zone)
	for _, c := range []struct{ got, want string }{
		{locale.Moment(locale.Chinese, at, now), "1 月 4 日 09:05"}, // in the zone it is 2027 already
		{locale.Moment(locale.English, at, now), "4 Jan, 09:05"},
		{locale.Moment(locale.Chinese, at, now.AddDate(0, 0, -1)), "2027 年 1 月 4 日 09:05"},
		{locale.Moment(locale.English, at, now.AddDate(0, 0, -1)), "4 Jan 2027, 09:05"},
		{locale.Promise(locale.Chinese, at, now), "1 月 4 日 09:05（GMT+8）"},
		{locale.Promise(locale.English, at, now), "4 Jan, 09:05 (GMT+8)"},
		{locale.Promise(locale.English, at.UTC(), now.AddDate(0, 0, 1)), "4 Jan, 01:05 (GMT)"},
		{locale.Promise(locale.English, at.In(time.FixedZone("NST", -12600)), now.AddDate(0, 0, 1)), "3 Jan, 21:35 (GMT-3:30)"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
