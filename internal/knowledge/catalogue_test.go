package knowledge_test

import (
	"encoding/json"
	"os"
	"testing"

	"everdesk/internal/knowledge"
)

// shop returns the products of the e-commerce pack.
func shop(t testing.TB) (*knowledge.Catalogue, map[string]*knowledge.Product) {
	t.Helper()
	data, err := os.ReadFile("../../packs/ecommerce/products.json")
	if err != nil {
		t.Fatal(err)
	}
	products, bad, err := knowledge.ReadProducts(data, "en")
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	byKey := map[string]*knowledge.Product{}
	var all []*knowledge.Product
	for _, row := range products {
		p := &knowledge.Product{Key: row.Key, Details: *row.Details}
		byKey[p.Key], all = p, append(all, p)
	}
	return knowledge.NewCatalogue(all), byKey
}

func TestAProductIsKnownByAPartOfItsNameThatNoOtherHas(t *testing.T) {
	catalogue, _ := shop(t)
	for text, want := range map[string]string{
		"Is the Yuanshan wool cardigan warm?": "P1001",
		"how much is the cardigan":            "P1001",
		"远山开衫还有货吗":                            "P1001",
		"羽绒服多少钱":                              "P1002",
		"P1016 battery":                       "P1016",
		"does the kettle work in the us":      "P1018",
		"泉声电水壶是几升的":                           "P1018",
		"T恤会透吗":                               "P1005",
		"素日棉T恤有XL吗":                           "P1005",
		"what is wool":                        "", // several have it
		"羊毛怎么洗":                               "",
		"where is my parcel":                  "",
		"":                                    "",
	} {
		named := catalogue.Named(text)
		got := ""
		if len(named) > 0 {
			got = named[0].Product.Key
		}
		if got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsAskedOfAProductIsExact(t *testing.T) {
	_, products := shop(t)
	for text, want := range map[string]struct{ product, locale, attribute, color, size string }{
		"how much is it":                         {"P1001", "en", "price", "", ""},
		"多少钱":                                    {"P1001", "zh-CN", "price", "", ""},
		"what is the cardigan made of":           {"P1001", "en", "material", "", ""},
		"这件什么材质的":                                {"P1001", "zh-CN", "material", "", ""},
		"有枫红色XL码的吗":                              {"P1001", "zh-CN", "stock", "maple red", "XL"},
		"do you have it in maple red, size XL":   {"P1001", "en", "stock", "maple red", "XL"},
		"P1001 有红色 L 码吗":                         {"P1001", "zh-CN", "stock", "maple red", "L"},
		"is the red one there in XL":             {"P1001", "en", "stock", "maple red", "XL"},
		"有没有蓝色的":                                 {"P1001", "zh-CN", "stock", "slate blue", ""},
		"do you have it in black":                {"P1001", "en", "stock", "", ""},
		"which colours are there":                {"P1001", "en", "color", "", ""},
		"电压多少":                                   {"P1018", "zh-CN", "voltage", "", ""},
		"how long is the warranty of the kettle": {"P1018", "en", "warranty", "", ""},
		"burning time?":                          {"P1013", "en", "burning time", "", ""},
		"is it nice":                             {"P1001", "en", "", "", ""},
	} {
		fact, ok := products[want.product].Asked(text, want.locale)
		if ok != (want.attribute != "") || fact.Attribute != want.attribute || fact.Chosen["color"] != want.color || fact.Chosen["size"] != want.size {
			t.Errorf("%q asks %+v, want %+v", text, fact, want)
		}
	}
}

func TestAColourTheProductDoesNotComeInIsSaidSo(t *testing.T) {
	_, products := shop(t)
	for text, want := range map[string]string{"有黑色的吗": "黑色", "in pink, please": "pink", "有红色的吗": "", "红包能用吗": ""} {
		fact, _ := products["P1001"].Asked(text, "zh-CN")
		if fact.MissingColor != want {
			t.Errorf("%q misses %q, want %q", text, fact.MissingColor, want)
		}
	}
}

func TestStockIsThatOfTheVariantsNamed(t *testing.T) {
	_, products := shop(t)
	cardigan := products["P1001"]
	for name, c := range map[string]struct {
		chosen map[string]string
		n      int
		exists bool
	}{
		"one variant":                {map[string]string{"color": "maple red", "size": "S"}, 9, true},
		"one that is sold out":       {map[string]string{"color": "maple red", "size": "XL"}, 0, true},
		"a colour in all sizes":      {map[string]string{"color": "maple red"}, 36, true},
		"a combination nobody makes": {map[string]string{"color": "maple red", "size": "XXL"}, 0, false},
		"all of it":                  {nil, 293, true},
	} {
		if n, exists := cardigan.Stock(c.chosen); n != c.n || exists != c.exists {
			t.Errorf("%s: %d, %v; want %d, %v", name, n, exists, c.n, c.exists)
		}
	}
}

func TestProductsOfTheSimplestShapeAreReadToo(t *testing.T) {
	raw := `[{"product_id":"P9","name":"Lamp","attributes":{"size":["S","M"],"stock":150},"faq":[{"q":"Is it bright?","a":"Very."}]}]`
	rows, bad, err := knowledge.ReadProducts([]byte(raw), "en")
	if err != nil || len(bad) > 0 || len(rows) != 1 {
		t.Fatal(rows, bad, err)
	}
	d := rows[0].Details
	if d.Name["en"] != "Lamp" || d.Questions[0] != (knowledge.ProductQuestion{Locale: "en", Question: "Is it bright?", Answer: "Very."}) {
		got, _ := json.Marshal(d)
		t.Errorf("read %s", got)
	}
}
