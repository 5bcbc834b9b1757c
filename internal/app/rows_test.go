package app_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/app"
	"everdesk/internal/id"
)

func TestAListIsToldAtOnceAndThenFourTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		started := time.Now()
		tell := app.TellRows(func(channel string, frame json.RawMessage) {
			told = append(told, fmt.Sprintf("%v %s %s", time.Since(started), channel, frame))
		})
		tell(1, json.RawMessage(`"a"`), "team")
		tell(2, json.RawMessage(`"b"`), "team", "own")
		tell(3, json.RawMessage(`"c"`), "team")
		tell(2, json.RawMessage(`"b2"`), "team")
		time.Sleep(300 * time.Millisecond)
		tell(1, json.RawMessage(`"a2"`), "team")
		time.Sleep(time.Second)
		tell(1, json.RawMessage(`"a3"`), "team")
		time.Sleep(time.Second)
		want := []string{
			`0s team {"type":"conversation","conversation":"a"}`,
			`0s own {"type":"conversation","conversation":"b"}`,
			`250ms team {"type":"conversations","conversations":["b2","c"],"more":false}`,
			`500ms team {"type":"conversation","conversation":"a2"}`,
			`1.3s team {"type":"conversation","conversation":"a3"}`,
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
	})
}

func TestABusyListIsToldOfAScreenfulAndThatThereIsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last struct {
			Conversations []int `json:"conversations"`
			More          bool  `json:"more"`
		}
		tell := app.TellRows(func(_ string, frame json.RawMessage) {
			if err := json.Unmarshal(frame, &last); err != nil {
				t.Error(err)
			}
		})
		for n := range 200 {
			tell(id.Conversation(n), json.RawMessage(fmt.Sprint(n)), "team")
		}
		time.Sleep(time.Second)
		if len(last.Conversations) != 50 || last.Conversations[49] != 199 || !last.More {
			t.Errorf("told of %d rows, the last of them %v, more %v", len(last.Conversations), last.Conversations, last.More)
		}
	})
}
