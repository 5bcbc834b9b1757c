package catalogue

import (
	"regexp"
	"strings"

	"everdesk/internal/knowledge"
)

// A kind is a kind of goods customers ask for by a word that is no product's
// name.
type kind struct {
	name  string
	asked *regexp.Regexp
	// category is the shop's, within words that names contain; either makes a
	// product one of the kind.
	category string
	within   []string
}

var kinds = []*kind{
	{"outerwear", regexp.MustCompile(`外套|夹克|大衣|外衣|\bjackets?\b|\bcoats?\b|\bouterwear\b`), "", []string{"羽绒服", "冲锋衣", "外套", "夹克", "大衣", "jacket", "coat"}},
	{"tops", regexp.MustCompile(`上衣|毛衣|\btops?\b|\bsweaters?\b|\bknitwear\b`), "", []string{"开衫", "毛衣", "衬衫", "T 恤", "卫衣", "cardigan", "sweater", "shirt", "hoodie"}},
	{"shirts", regexp.MustCompile(`\bshirts?\b`), "", []string{"衬衫", "T 恤", "shirt"}},
	{"trousers", regexp.MustCompile(`裤子|\bpants\b`), "", []string{"裤", "trousers", "pants", "jeans"}},
	{"hats", regexp.MustCompile(`帽子|\bhats?\b|\bcaps?\b`), "", []string{"帽", "beanie", "hat", "cap"}},
	{"wool", regexp.MustCompile(`羊毛的|毛的东西|\bwool(?:len)? (?:things|items|products|ones)\b`), "", []string{"羊毛", "wool"}},
	{"clothing", regexp.MustCompile(`衣服|服装|衣物|\bclothes\b|\bclothing\b`), "clothing", nil},
	{"home", regexp.MustCompile(`家居|家纺|家里用的|\bhome goods\b|\bhomeware\b|\bfor the home\b`), "home", nil},
	{"electronics", regexp.MustCompile(`电子产品|数码|家电|电器|\belectronics?\b|\bgadgets?\b`), "electronics", nil},
	{"anything", regexp.MustCompile(`商品|产品|东西|款式|款|件|\bproducts?\b|\bitems?\b|\bthings?\b|\banything\b|\bsomething\b|\bones?\b|\bwhat\b`), "", nil},
}

func (k *kind) has(p *knowledge.Product) bool {
	if k == nil || k.category == "" && k.within == nil {
		return true
	}
	if k.category != "" {
		return p.Category == k.category
	}
	for _, name := range p.Name {
		for _, w := range k.within {
			if strings.Contains(strings.ToLower(name), strings.ToLower(w)) {
				return true
			}
		}
	}
	return false
}

var (
	compareCue = regexp.MustCompile(`比较|对比|相比|区别|不同|差别|差在哪|哪个更|哪件更|哪款更|哪个比较|哪个好|哪一?(?:个|件|款|双|条)(?:更|比较|最)?(?:轻|重|便宜|贵|暖和|保暖|大|小|省电|厚|薄)|和.{1,12}比|哪一?(?:个|件|款|双|条).{0,4}(?:大|小|高|低|多|少|好|长|久)|\bcompare\b|\bcomparison\b|\bdifferences?\b|\bdiffer\b|\bversus\b|\bvs\.?\b|\bwhich (?:one )?is (?:the )?(?:lighter|heavier|cheaper|warmer|bigger|smaller|better|more expensive)\b|\b(?:lighter|heavier|cheaper|warmer|bigger|better) than\b|\bor\b.*\bwhich\b|\bwhich is\b`)
	withCue    = regexp.MustCompile(`搭配|配什么|配啥|搭什么|搭啥|怎么搭|配套|一起买|搭着|\bgoes? (?:well )?with\b|\bpairs? (?:well )?with\b|\bmatch(?:es)?\b|\bgo together\b|\bwear with\b|\bbuy with\b`)
	countCue   = regexp.MustCompile(`还?剩(?:下)?(?:多少|几)|还有(?:多少|几)(?:件|双|个|条|台|套|只)?|(?:库存|存货)(?:还)?有?(?:多少|几)|(?:有|剩)(?:多少|几)(?:件|双|个|台|条|套|只)|\bhow many\b.*\b(?:left|in stock|available|do you have|remain)|\bhow many of\b|\bstock level\b`)
	policyCue  = regexp.MustCompile(`能退|可以退|退货|退换|换货|无理由|退款|\breturn\b|\brefund\b|\bexchange\b|\breturnable\b`)
	listCue    = regexp.MustCompile(`哪些|有什么|什么(?:颜色|尺码|码|香|味|款|色)|都有|几种|多少种|哪几|几个(?:颜色|尺码)|\bwhich\b|\bwhat (?:colou?rs?|sizes?|scents?|options?)\b`)
	findCue    = regexp.MustCompile(`哪些|哪款|哪种|哪几|有没有|有什么|有吗|推荐|找|想买|想要|适合|\bwhich\b|\bdo you (?:have|sell|carry)\b|\bany\b|\banything\b|\bsomething\b|\bshow me\b|\brecommend\b|\blooking for\b|\bwhat .*(?:do you have|have you)\b|\bare there\b`)
	hasCue     = regexp.MustCompile(`有(?:没有)?|吗|支持|还有|现货|有货|缺货|没货|断货|补货|\bhave\b|\bhas\b|\bcome in\b|\bcomes in\b|\bavailable\b|\bin stock\b|\bstock\b|\bsold out\b|\bget it\b|\bis there\b|\bare there\b|\bdoes\b|\bdo you\b|\bis\b|\bcan i\b`)
	overCue    = regexp.MustCompile(`(?:以上|起|多一点)|(?:超过|高于|大于)|\b(?:over|above|more than|at least|from)\b`)
	followCue  = regexp.MustCompile(`呢|^那|^还有|^and\b|\bwhat about\b|\bhow about\b|^or\b`)

	// better are comparatives and superlatives: what they compare, and which
	// end is meant.
	better = []struct {
		form      *regexp.Regexp
		attribute string
		sign      float64
	}{
		{regexp.MustCompile(`便宜|实惠|划算|\bcheap(?:er|est)?\b|\bleast expensive\b|\blowest price\b`), "price", 1},
		{regexp.MustCompile(`更贵|最贵|\bmore expensive\b|\bmost expensive\b|\bpriciest\b`), "price", -1},
		{regexp.MustCompile(`更?轻|\blight(?:er|est)\b`), "weight", 1},
		{regexp.MustCompile(`更重|最重|哪个重|\bheav(?:ier|iest)\b`), "weight", -1},
		{regexp.MustCompile(`容量(?:更|最|比较)?大|装得?多|\bbigger capacity\b|\blarger capacity\b|\bholds more\b|\bbiggest capacity\b`), "capacity", -1},
		{regexp.MustCompile(`功率(?:更|最|比较)?(?:大|高)|\bmore powerful\b|\bmost powerful\b`), "power", -1},
		{regexp.MustCompile(`省电|功率(?:更|最|比较)?(?:小|低)|\bless power\b`), "power", 1},
	}
	superlative = regexp.MustCompile(`最|\bcheapest\b|\blightest\b|\bheaviest\b|\bmost\b|\bleast\b|\blowest\b|\bpriciest\b|\bbiggest\b`)
)

// empty are the letters and words that say nothing of what is asked: what is
// left of a question without them and without what was understood was not.
var (
	emptyHan   = "的了吗呢啊吧呀么嘛哦有没是不能可以会要我想你们您请问一下这那个件款条双台套只它和跟与还都在哪种些什多少几怎样就也很太更比较最用做给买看查现目前到货码号色里面上别点个位之间或者亲好"
	emptyWords = func() map[string]bool {
		all := map[string]bool{}
		for w := range strings.FieldsSeq(`a an the is are was do does did has have had it its this that these those one ones of in on for to with and or but than any some there
			you your i me my we can could would will should may please what which how much many about so also too from at by be been as if tell know want need like get
			come comes available still left stock show give let see just really hi hello hey thanks thank ok it's that's what's do you don't isn't doesn't them they
			other else same now today right all both between more most less made make product products item items`) {
			all[w] = true
		}
		return all
	}()
)
