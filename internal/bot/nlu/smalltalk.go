package nlu

import "regexp"

// Talk is a kind of small talk: what people say to be polite.
type Talk string

// The kinds of small talk; None for everything else.
const (
	None     Talk = ""
	Greeting Talk = "greeting"
	Thanks   Talk = "thanks"
	Goodbye  Talk = "goodbye"
	Consent  Talk = "consent"  // ok, I see
	Identity Talk = "identity" // are you a robot?
	Wellness Talk = "wellness" // how are you?
	Praise   Talk = "praise"
)

// talks are whole messages, folded and without punctuation. A message with
// anything more in it is a question and none of these.
var talks = []struct {
	kind  Talk
	whole *regexp.Regexp
}{
	{Greeting, whole(`你好[啊呀]?|您好[啊呀]?|大家好|哈[喽啰罗]|嗨|嘿|早|早上好|早安|上午好|中午好|下午好|晚上好|晚安好|在吗|在么|在嘛|在不在|在|亲|亲亲|喂|客官|小二|hello|hi|hey|hiya|howdy|yo|hi there|hello there|hey there|good (?:morning|afternoon|evening|day)|morning|evening|greetings|sup|hallo|helo|helloo+|hii+|heyy+`)},
	{Wellness, whole(`你好吗|您好吗|最近(?:好吗|怎么样)|今天(?:好吗|过得怎么样|心情怎么样)|吃了吗|忙吗|(?:hi |hey |hello )?how are you(?: doing)?(?: today)?|hows it going|how do you do|whats up|how have you been|are you ok|you ok|how is your day`)},
	{Thanks, whole(`谢谢[你您啦了啊呀哈]*|多谢[你您啦了啊]*|感谢[你您]?|非常感谢|十分感谢|太感谢了|谢了|谢啦|谢谢您的帮助|辛苦[你您啦了]*|麻烦[你您]了|三克油|蟹蟹|3q|thx|ty|tks|thanks?|thank you|thank u|many thanks|thanks a lot|thanks so much|thank you (?:so|very) much|thanks a bunch|thanks a million|much appreciated|appreciate it|cheers|ta|thank you for (?:your|the) help|thanks for (?:your|the) help|that helps?|that helped|great thanks|perfect thanks|ok thanks|thanks bye`)},
	{Goodbye, whole(`再见|拜拜|拜|88|886|回见|下次见|回头见|晚安|先这样|就这样吧?|没(?:有)?(?:别的|其他)?(?:问题|事)了|没事了|不用了|不需要了|bye|bye bye|goodbye|good bye|see you|see ya|cya|later|good ?night|have a (?:nice|good) (?:day|one|evening|weekend)|take care|that(?: i|')?s all|thats all|nothing else|no thats (?:it|all)|im done|no thanks?|no thank you`)},
	{Consent, whole(`好|好的|好吧|好滴|好嘞|好哒|嗯+|嗯嗯|哦+|噢|喔|行|行吧|可以|可以的|知道了|明白了?|懂了|了解了?|收到|原来如此|这样啊|是的|对|对的|没错|ok|okay|okey|k|kk|sure|fine|alright|all right|got it|i see|understood|right|yes|yep|yeah|yup|ok great|great|perfect|cool|nice|good|noted|makes sense|fair enough`)},
	{Identity, whole(`你是(?:谁|什么|机器人|真人|人|人工|ai|人工智能|什么东西)吗?|您是(?:谁|机器人|真人|人工)吗?|你(?:是不是|是)(?:机器人|真人|人工|ai)|你叫什么(?:名字)?|你是人(?:工)?还是机器人?|你是机器人还是(?:真人|人)|are you (?:a |an )?(?:real |actual |live )?(?:bot|robot|human|person|human being|machine|ai|real|chatbot|computer)(?: or (?:a |an )?(?:bot|robot|human|person|machine|real person))?|who are you|what are you|whats your name|what is your name|is this a (?:bot|robot|real person|human|person|chatbot)|am i (?:talking|speaking|chatting) (?:to|with) (?:a |an )?(?:bot|robot|human|machine|real person|person)`)},
	{Praise, whole(`你真(?:棒|好|聪明|厉害|可爱|贴心)|真棒|太棒了|厉害|好厉害|不错|很好|真好|完美|赞|点赞|good bot|good job|well done|you(?:re| are) (?:great|awesome|the best|amazing|so helpful|very helpful|smart|clever|good)|awesome|excellent|brilliant|amazing|love it|very helpful|super`)},
}

func whole(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:` + alternatives + `)[啊呀呢哦哈吧啦了~]?(?: |$))+$`)
}

// SmallTalk returns what kind of small talk a message is, whole: a greeting
// before a question is none. "你好 谢谢" is the later of the two.
func SmallTalk(text string) Talk {
	if len(text) > 120 {
		return None
	}
	plain := plainly(text)
	if plain == "" {
		return None
	}
	for _, t := range talks {
		if t.whole.MatchString(plain) {
			return t.kind
		}
	}
	// Two kinds in one message: what was said last counts.
	if first, rest, ok := cutLast(plain); ok {
		if head := SmallTalk(first); head != None {
			if tail := SmallTalk(rest); tail != None {
				return tail
			}
		}
	}
	return None
}

// cutLast splits at the last space.
func cutLast(text string) (before, after string, ok bool) {
	for i := len(text) - 1; i > 0; i-- {
		if text[i] == ' ' {
			return text[:i], text[i+1:], true
		}
	}
	return "", "", false
}
