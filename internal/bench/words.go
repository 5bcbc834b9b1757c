package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// What is looked for: each is in a known share of the messages, half of which
// are Chinese.
const (
	wordOften, wordSome, wordRare, wordNever = "delivery", "warranty", "porcelain", "xylograph"
	phrase                                   = "customs hold"
	hanOften, hanSome, hanLong, hanRare      = "快递", "退款", "查询物流", "瓷器"
)

// shares say in which messages of a language a word is: those whose number
// leaves rest when divided by every. Of all messages it is half as many.
var shares = []struct {
	english, chinese string
	every, rest      int
}{
	{wordOften, hanOften, 4, 0},
	{wordSome, hanSome, 8, 1},
	{phrase, hanLong, 16, 3},
	{"hold the parcel at customs", "物流信息查不到", 16, 7}, // the same, otherwise
	{wordRare, hanRare, 5000, 2},
}

const (
	syllables = "ba be bi bo bu ca ce co cu da de di do du fa fe fi fo fu ga ge go gu ha he hi ho hu la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo"
	common    = "the a to of and in is it you that was for on are with as I at be this have from or had by not but what all were when we there can an your which their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know get through back much before go good new write our me man too any day same right look think also around another came come work three word must because does part even place well such here take why things help put years different away again off went old number great tell men say small every found still between name should home big give air line set own under read last never us left end along while might next sound below saw something thought both few those always looked show large often together asked house want"
	hanzi     = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
)

// babble writes messages like those of a shop's customers.
type babble struct {
	random *rand.Rand
	words  []string
	han    []rune
}

func newBabble(seed uint64) *babble {
	b := &babble{random: rand.New(rand.NewPCG(seed, 1)), words: strings.Fields(common)} //nolint:gosec // the same texts each time
	parts := strings.Fields(syllables)
	for len(b.words) < 6000 {
		b.words = append(b.words, b.one(parts)+b.one(parts)+b.one(parts))
	}
	for _, r := range hanzi {
		// What is looked for is nowhere by chance.
		if !strings.ContainsRune(hanOften+hanSome+hanRare+"查询", r) {
			b.han = append(b.han, r)
		}
	}
	return b
}

func (b *babble) one(list []string) string { return list[b.random.IntN(len(list))] }

// rank picks small numbers more often than great ones, as languages do.
func (b *babble) rank(n int) int { return min(n-1, int(b.random.ExpFloat64()*float64(n)/8)) }

// message returns the n-th message of a language.
func (b *babble) message(n int, chinese bool) string {
	var special []string
	for _, s := range shares {
		switch {
		case n%s.every != s.rest:
		case chinese:
			special = append(special, s.chinese)
		default:
			special = append(special, s.english)
		}
	}
	if chinese {
		return b.chinese(n, special)
	}
	words := make([]string, 8+b.random.IntN(16))
	for i := range words {
		words[i] = b.words[b.rank(len(b.words))]
	}
	at := b.random.IntN(len(words))
	words[at] = strings.TrimSpace(words[at] + ". " + strings.Join(special, ", "))
	return fmt.Sprintf("%s order TRK%08d.", strings.Join(words, " "), n)
}

func (b *babble) chinese(n int, special []string) string {
	var text strings.Builder
	for part := range 3 {
		for range 4 + b.random.IntN(6) {
			text.WriteRune(b.han[b.rank(len(b.han))])
		}
		if part < len(special) {
			text.WriteString(",我要" + special[part] + ",")
		} else {
			text.WriteString(",")
		}
	}
	fmt.Fprintf(&text, "订单TRK%08d。", n)
	return text.String()
}

// name returns a customer's.
func (b *babble) name(chinese bool) string {
	if chinese {
		return string([]rune{b.han[b.random.IntN(len(b.han))], b.han[b.random.IntN(len(b.han))], b.han[b.random.IntN(len(b.han))]})
	}
	title := func(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
	parts := strings.Fields(syllables)
	return title(b.one(parts)+b.one(parts)) + " " + title(b.one(parts)+b.one(parts)+b.one(parts))
}
