package entity

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A postal is what of a Chinese address has been read.
type postal struct {
	start, end int
	parts      map[string]string
	// score counts the levels that say where it is; road, number and building
	// say how near.
	score float64
	known bool // a province or a city of the table
}

// notInNames are letters that occur in no name of a place: they end what is
// being read, and a name does not begin before them.
const notInNames = "的了我你您他她它是在到寄送给请帮把要想能改换为住这那哪吗呢吧啊没有不也都还就跟与或叫说看谁什么怎么几收址货错写对用吃买卖过得着被让因但且"

// level is one of the pieces an address has below its city, from large to
// small.
type level struct {
	name  string
	form  *regexp.Regexp
	score float64
}

const placeName = `[\p{Han}〇]`

var levels = []level{
	{"district", form(`(` + placeName + `{1,8}?(?:自治县|自治旗|新区|矿区|林区|开发区|高新区|工业园区|区|县|旗))`), 1},
	{"district", form(`(` + placeName + `{1,4}?市)`), 1}, // a city of county rank
	{"town", form(`(` + placeName + `{1,10}?(?:街道|镇|乡|苏木))`), 1},
	{"village", form(`(` + placeName + `{1,6}?(?:行政村|村|社区|屯|庄))`), 0.6},
	{"road", form(`(` + placeName + `{1,8}?(?:大道|大街|公路|马路|胡同|路|街|巷|弄堂|弄|道|里)(?:[东南西北中]?(?:一|二|三|四|五|六|七|八|九|十|\d{1,2})?(?:段|路|街|巷|条|横))?)`), 1},
	{"number", form(`((?:\d{1,5}|[零〇一二三四五六七八九十百]{1,5})(?:-\d{1,4})?(?:弄|号院|号|组))`), 1},
	{"compound", form(`((?:[a-z0-9]{0,6})` + placeName + `{1,12}?(?:小区|花园|公寓|大厦|广场|中心|家园|嘉园|新村|公馆|国际|苑|城|园|府|湾|庭|邸|大楼|写字楼|科技园|产业园|软件园|创业园|工业园|大学|学院|中学|小学|医院|酒店|宾馆|商场|超市|驿站|菜鸟驿站|集团|公司|银行|机场|车站)(?:[一二三四五六七八九十\d]{1,2}(?:期|区|组团))?(?:[东南西北]区)?)`), 0.9},
	{"building", form(`((?:[a-z]|\d{1,4}|[一二三四五六七八九十百]{1,4}|[甲乙丙丁东南西北])(?:-\d{1,3})?(?:号楼|栋|幢|座|楼(?:[^层]|$)|号公寓|号馆))`), 0.9},
	{"unit", form(`((?:[a-z]|\d{1,3}|[一二三四五六七八九十]{1,3})单元)`), 0.5},
	{"floor", form(`((?:\d{1,3}|[一二三四五六七八九十]{1,3})(?:层|楼|f))`), 0.4},
	{"room", form(`((?:[a-z]-?)?\d{2,5}[a-z]?(?:室|房|号房|户|铺|号)?)`), 0.4},
}

var leadIn = regexp.MustCompile(`(?:收货地址|收件地址|详细地址|所在地区|新地址|地址|寄到|送到|发到|改到|改成|改为|换成|换到|住在|位于|寄往|发往|寄|送|在|到|是|为)[:： ]*$`)

// addresses finds the Chinese addresses of a text: from a province, a city or
// a district down as far as it goes.
func addresses(s *source) (all []Entity) {
	for i := 0; i < len(s.text); {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if !han(r) || s.busy[i] {
			i += size
			continue
		}
		p, ok := readPostal(s, i)
		if !ok {
			i += size
			continue
		}
		all = append(all, p.entity())
		i = p.end
	}
	return all
}

// readPostal reads an address at byte i, or says that none begins there.
func readPostal(s *source, i int) (postal, bool) {
	p := postal{start: i, end: i, parts: map[string]string{}}
	p.country(s)
	p.province(s)
	if !p.known && !startsName(s, i) {
		return p, false
	}
	next := 0
	for next < len(levels) {
		at := p.end + separator(s.text[p.end:])
		found := false
		for n := next; n < len(levels); n++ {
			end, ok := p.level(s, at, n)
			if !ok {
				continue
			}
			p.end, next, found = end, n+1, true
			break
		}
		if !found {
			break
		}
	}
	return p, p.fits()
}

func separator(text string) int {
	if m := gap.FindString(text); m != "" {
		return len(m)
	}
	return 0
}

var gap = form(`[ ,/]{0,2}`)

func (p *postal) country(s *source) {
	if strings.HasPrefix(s.text[p.end:], "中国") {
		p.end += len("中国")
		p.end += separator(s.text[p.end:])
	}
}

// province reads a province, a city, or both. A name that goes on as the name
// of a road or a house is none: 上海路, 南京东路, 北京烤鸭.
func (p *postal) province(s *source) {
	for range 2 {
		at := p.end
		if p.known {
			at += separator(s.text[at:])
		}
		found, n, ok := placeAt(s.text, at)
		if !ok || road.MatchString(s.text[at+n:]) && s.text[at:at+n] == found.name {
			return
		}
		// 吉林省吉林市: the second of a name is the city.
		if p.parts["province"] != "" && found.province == "" {
			if city, exists := places[found.name+"市"]; exists && !found.self {
				found = city
			}
		}
		switch {
		case found.province == "" && p.parts["province"] == "" && p.parts["city"] == "":
			p.parts["province"] = found.full
			if found.self {
				p.parts["city"] = found.full
			}
		case found.self && p.parts["province"] == found.full:
			// 北京市北京市, as forms write it.
		case found.province != "" && (p.parts["city"] == "" || p.parts["city"] == p.parts["province"]) && (p.parts["province"] == "" || p.parts["province"] == found.province):
			p.parts["city"], p.parts["province"] = found.full, found.province
		default:
			return
		}
		p.end, p.known = at+n, true
		p.score++
		if found.province != "" {
			return
		}
	}
}

// road is what follows the name of a city in the name of a road.
var road = form(`[东南西北中]?(?:[一二三四五六七八九十])?(?:路|大道|大街|街|道|巷)`)

// level reads the n-th level at byte i.
func (p *postal) level(s *source, i, n int) (end int, ok bool) {
	l := levels[n]
	if _, taken := p.parts[l.name]; taken {
		return 0, false
	}
	m := l.form.FindStringSubmatchIndex(s.window(i))
	if m == nil {
		return 0, false
	}
	text := s.text[i+m[2] : i+m[3]]
	switch l.name {
	case "building":
		text = strings.TrimRight(text, " ")
		if at := strings.LastIndex(text, "楼"); at >= 0 {
			text = text[:at+len("楼")]
		}
		if strings.HasSuffix(text, "楼") && !strings.HasSuffix(text, "号楼") {
			return 0, false
		}
	case "room":
		if p.parts["building"] == "" && p.parts["unit"] == "" && p.parts["floor"] == "" && p.parts["compound"] == "" && !strings.HasSuffix(text, "室") {
			return 0, false
		}
		if a := s.after(i + len(text)); alphanum(a) || a == '元' || a == '块' || a == '件' || strings.HasSuffix(text, "号") && digits(text) < 2 {
			return 0, false
		}
	case "number":
		if p.score == 0 {
			return 0, false
		}
		if a := s.after(i + len(text)); a == '楼' {
			return 0, false
		}
	case "village":
		// 中关村大街 is a street.
		if road.MatchString(s.text[i+len(text):]) {
			return 0, false
		}
	}
	if named[l.name] && strings.ContainsAny(text, notInNames) {
		return 0, false
	}
	if generic[text] || (l.name == "district" || l.name == "road") && utf8.RuneCountInString(text) < 2 {
		return 0, false
	}
	if l.name == "district" && strings.HasSuffix(text, "市") && !p.known && places[text].name == "" {
		return 0, false
	}
	p.parts[l.name] = text
	p.score += l.score
	end = i + len(text)
	// A compound within a compound: 上海城徐汇苑.
	if l.name == "compound" {
		if more := l.form.FindString(s.window(end)); more != "" && !strings.ContainsAny(more, notInNames) && !generic[more] {
			p.parts[l.name] += more
			end += len(more)
		}
	}
	return end, true
}

// named are the levels that are names and not numbers.
var named = map[string]bool{"district": true, "town": true, "village": true, "road": true, "compound": true}

// generic are words that end like the name of a place.
var generic = map[string]bool{
	"地区": true, "小区": true, "社区": true, "专区": true, "景区": true, "时区": true, "城区": true, "市区": true, "郊区": true, "山区": true, "一路": true, "走路": true,
	"迷路": true, "思路": true, "线路": true, "网路": true, "半路": true, "马路": true, "公路": true, "上路": true, "道路": true, "街道": true, "大街": true, "知道": true,
	"渠道": true, "通道": true, "味道": true, "频道": true, "一道": true, "城市": true, "超市": true, "门市": true, "上市": true, "农村": true, "公里": true, "公园": true,
	"商城": true, "中心": true, "公司": true, "大厦": true, "花园": true, "评论区": true, "服务区": true, "客服中心": true, "售后中心": true, "商品中心": true, "个人中心": true,
	"会员中心": true, "服务中心": true, "医院": true, "学院": true, "大学": true, "驿站": true, "国际": true, "集团": true, "银行": true, "机场": true, "车站": true,
}

// startsName reports whether the name of a district or road may begin at byte
// i although no city stands before it: at the edge of a clause, or behind a
// word that leads to an address.
func startsName(s *source, i int) bool {
	before := s.text[:i]
	if i == 0 {
		return true
	}
	if r := s.before(i); !han(r) && !alphanum(r) {
		return true
	}
	return leadIn.MatchString(before)
}

func (p *postal) fits() bool {
	near := p.parts["road"] != "" || p.parts["compound"] != "" || p.parts["town"] != "" || p.parts["village"] != "" || p.parts["building"] != ""
	switch {
	case p.known && p.score >= 2:
		return true
	case p.known:
		return false
	}
	detail := p.parts["number"] != "" || p.parts["building"] != "" || p.parts["room"] != ""
	if p.parts["district"] != "" && (p.parts["road"] != "" || p.parts["town"] != "") {
		return true
	}
	return near && detail && p.score >= 1.9
}

// order is how the pieces of an address are written in one line.
var postalOrder = []string{"province", "city", "district", "town", "village", "road", "number", "compound", "building", "unit", "floor", "room"}

func (p *postal) entity() Entity {
	e := Entity{Kind: Address, Start: p.start, End: p.end, Parts: p.parts, Confidence: 0.6}
	p.parts["country"] = "CN"
	var line, detail strings.Builder
	for _, name := range postalOrder {
		text := p.parts[name]
		if name == "city" && text == p.parts["province"] {
			continue
		}
		line.WriteString(text)
		switch name {
		case "province", "city", "district":
		default:
			detail.WriteString(text)
		}
	}
	e.Value = line.String()
	if detail.Len() > 0 {
		p.parts["detail"] = detail.String()
	}
	switch {
	case p.known && p.score >= 3.5:
		e.Confidence = 0.95
	case p.known && p.score >= 3, p.score >= 4:
		e.Confidence = 0.85
	case p.score >= 2.5:
		e.Confidence = 0.75
	}
	return e
}
