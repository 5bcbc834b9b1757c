package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/channel"
	"everdesk/internal/channel/channeltest"
	"everdesk/internal/config"
	"everdesk/internal/demo"
)

// served is a demo that answers on an address, with its order system and a real
// mail server.
type served struct {
	t       *testing.T
	url     string
	key     string
	node    *app.App
	scope   access.Scope
	office  *demo.BackOffice
	postfix *channeltest.Postfix
	codes   []string // read so far
}

func serve(t *testing.T) *served {
	t.Helper()
	s := &served{t: t, postfix: channeltest.StartPostfix(t, "su")}
	data := t.TempDir()
	var err error
	s.office, err = demo.OpenBackOffice(data, time.Now)
	must(t, err)
	s.node = node(t, config.Node{Data: data, AllowTargets: []string{s.office.Address(), s.postfix.Addr()}})
	shop, scope := open(t, s.node)
	s.scope = scope
	must(t, shop.Employ(t.Context(), s.office))
	shop.Mount(s.node)
	_, version, err := s.node.Desk().Channels.Email(t.Context(), scope)
	must(t, err)
	_, err = s.node.Desk().Channels.SetEmail(t.Context(), scope, version, channel.EmailSettings{
		Host: "127.0.0.1", Port: s.postfix.Port, Security: channel.None, From: "Skylark <help@skylark.example>",
	}, time.Now())
	must(t, err)
	front, err := s.node.Desk().Channels.Widget(t.Context(), scope)
	must(t, err)
	s.key = front.Key
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	s.url = "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.node.Serve(ctx, listener) })
	t.Cleanup(func() {
		stop()
		serving.Wait()
	})
	return s
}

// visitor is somebody at the widget.
type visitor struct {
	*served
	token        string
	conversation string
	seen         int64
	n            int
}

func (s *served) visitor(locale string) *visitor {
	v := &visitor{served: s}
	var visit struct {
		Token string `json:"token"`
	}
	v.call("POST", "/client/visitors", map[string]any{"key": s.key, "locale": locale}, &visit)
	v.token = visit.Token
	return v
}

func (v *visitor) call(method, path string, body, into any) {
	v.t.Helper()
	raw, err := json.Marshal(body)
	must(v.t, err)
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.url+"/api/v1"+path, bytes.NewReader(raw))
	must(v.t, err)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	} else {
		request.Body = http.NoBody
	}
	if v.token != "" {
		request.Header.Set("Authorization", "Bearer "+v.token)
	}
	response, err := http.DefaultClient.Do(request)
	must(v.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(v.t, err)
	if response.StatusCode >= 300 {
		v.t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, text)
	}
	if into != nil {
		must(v.t, json.Unmarshal(text, into))
	}
}

// says writes a message and waits until the bot has said what is wanted.
func (v *visitor) says(text string, wants ...string) string {
	v.t.Helper()
	v.n++
	message := map[string]any{"client_id": fmt.Sprintf("m%d", v.n), "body": map[string]any{"type": "text", "text": text}}
	if v.conversation == "" {
		var started struct {
			Conversation struct {
				ID string `json:"id"`
			} `json:"conversation"`
		}
		v.call("POST", "/client/conversations", message, &started)
		v.conversation = started.Conversation.ID
	} else {
		v.call("POST", "/client/conversations/"+v.conversation+"/entries", message, nil)
	}
	return v.hears(wants...)
}

// hears waits for words of the desk.
func (v *visitor) hears(wants ...string) string {
	v.t.Helper()
	said, missing := "", ""
	deadline := time.Now().Add(25 * time.Second)
	for time.Now().Before(deadline) {
		var stretch struct {
			Items []struct {
				Seq    int64 `json:"seq"`
				Author struct {
					Kind string `json:"kind"`
				} `json:"author"`
				Body json.RawMessage `json:"body"`
			} `json:"items"`
		}
		v.call("GET", fmt.Sprintf("/client/conversations/%s/entries?after=%d", v.conversation, v.seen), nil, &stretch)
		said = ""
		last := v.seen
		for _, e := range stretch.Items {
			last = e.Seq
			if e.Author.Kind != "customer" {
				said += string(e.Body) + "\n"
			}
		}
		missing = ""
		for _, want := range wants {
			if !strings.Contains(said, want) {
				missing = want
			}
		}
		if missing == "" && said != "" {
			v.seen = last
			return said
		}
		wait(v.t)
	}
	v.t.Fatalf("never heard %q; said:\n%s", missing, said)
	return ""
}

// wait gives the desk a moment: it is a server, and is asked as browsers ask.
func wait(t *testing.T) {
	t.Helper()
	timer := time.NewTimer(60 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

var sixFigures = regexp.MustCompile(`\d{6}`)

// code reads the one-time code that has come since the last one: letters do not
// lie in the mailbox in the order they were sent.
func (s *served) code() string {
	s.t.Helper()
	letters := s.postfix.Mail(s.t, "su", len(s.codes)+1)
	for _, letter := range letters {
		subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
		must(s.t, err)
		if code := sixFigures.FindString(subject); code != "" && !slices.Contains(s.codes, code) {
			s.codes = append(s.codes, code)
			return code
		}
	}
	s.t.Fatalf("no new code in %d letters", len(letters))
	return ""
}

// order returns an order of a state that is the test's own.
func (s *served) order(status string) string {
	s.t.Helper()
	for _, number := range s.office.Numbers(status) {
		must(s.t, s.office.SetContact(number, "su@"+channeltest.Domain))
		return number
	}
	s.t.Fatal("no order is " + status)
	return ""
}

func TestAddressParcelAndRefundInOneConversation(t *testing.T) {
	s := serve(t)
	number := s.order("paid")
	t.Run("in Chinese", func(t *testing.T) {
		s.t = t
		v := s.visitor("zh-CN")
		v.says("我要改收货地址，订单"+number, "6 位验证码", number)
		v.says("000000", "验证码不正确")
		v.says(s.code(), "新的收货地址")
		v.says("我的包裹到哪了", "还没有发出", "回到“修改收货地址”", "新的收货地址")
		v.says("杭州市西湖区文三路90号2栋301", "2栋301", "对吗")
		v.says("写错了，是8栋", "8栋301")
		v.says("对", "会寄到新地址")
		v.says("我要退款", "退款原因")
		v.says("不想要了", "确认吗", "不想要了")
		v.says("确认", "已提交")
		if o := s.office.Order(number); o.Status != "refunded" || !strings.Contains(o.Address, "8栋301") {
			t.Errorf("the shop has %+v", o)
		}
	})
}

func TestTheConversationHoldsWhateverStateTheShopIsIn(t *testing.T) {
	s := serve(t)
	for mode, wants := range map[demo.Mode][]string{
		demo.Slow:       {"taking a little longer", "What is the reason"},
		demo.Recovering: {"What is the reason"},
	} {
		t.Run("the shop is "+string(mode), func(t *testing.T) {
			s.t = t
			number := s.order("delivered")
			v := s.visitor("en")
			v.says("I want a refund for order "+number, "6-digit code")
			code := s.code()
			must(t, s.office.SetMode(mode))
			v.says(code, wants...)
			v.says("too late", "Confirm?")
			v.says("yes", "is on its way")
			must(t, s.office.SetMode(demo.Healthy))
			if n := s.office.Refunds(number); n != 1 {
				t.Errorf("%d refunds of %s", n, number)
			}
		})
	}
	t.Run("the shop is failing", func(t *testing.T) {
		s.t = t
		number := s.order("delivered")
		v := s.visitor("en")
		v.says("I want a refund for order "+number, "6-digit code")
		code := s.code()
		must(t, s.office.SetMode(demo.Failing))
		v.says(code, "I opened ticket #")
		must(t, s.office.SetMode(demo.Healthy))
	})
}
