package nlu_test

import (
	"testing"

	"everdesk/internal/bot/nlu"
)

func TestSmallTalkIsAWholeMessage(t *testing.T) {
	for text, want := range map[string]nlu.Talk{
		"你好":                            nlu.Greeting,
		"你好，在吗？":                        nlu.Greeting,
		"Hi there!":                     nlu.Greeting,
		"Good morning 😀":                nlu.Greeting,
		"谢谢啦～":                          nlu.Thanks,
		"thank you so much!!":           nlu.Thanks,
		"好的，谢谢":                         nlu.Thanks,
		"ok bye":                        nlu.Goodbye,
		"没有别的问题了":                       nlu.Goodbye,
		"嗯嗯":                            nlu.Consent,
		"got it":                        nlu.Consent,
		"你是机器人吗":                        nlu.Identity,
		"Are you a real person?":        nlu.Identity,
		"how are you today":             nlu.Wellness,
		"good bot":                      nlu.Praise,
		"你好，退款多久到账":                     nlu.None,
		"hi, where is my order":         nlu.None,
		"thanks but it is still broken": nlu.None,
		"好的坏的都退吗":                       nlu.None,
		"":                              nlu.None,
		"🙂":                             nlu.None,
		"right size?":                   nlu.None,
	} {
		if got := nlu.SmallTalk(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestLanguageIsTheOneMostIsWrittenIn(t *testing.T) {
	for text, want := range map[string]string{
		"退款多久到账":                           "zh-CN",
		"where is my parcel":               "en",
		"iPhone 15 Pro Max 手机壳有吗":          "zh-CN",
		"订单 SK20260318-0042 帮忙查一下":         "zh-CN",
		"my 羽绒服 arrived with a hole in it": "en",
		"123456":                           "",
		"😂😂😂":                              "",
		"":                                 "",
		"k":                                "",
		"Wie lange dauert der Versand?":    "en",
		"ok":                               "en",
		"嗯":                                "zh-CN",
	} {
		if got := nlu.Language(text); got != want {
			t.Errorf("%q is in %q, want %q", text, got, want)
		}
	}
}
