package entity_test

import (
	"strings"
	"testing"

	"everdesk/internal/bot/entity"
)

var (
	shownProducts = entity.Focus{
		Products: []string{"P1001", "P1009"},
		List: []entity.Shown{
			{Kind: entity.Product, Value: "P1001", Says: []string{"枫红", "maple red", "开衫"}, Price: 429},
			{Kind: entity.Product, Value: "P1009", Says: []string{"石板蓝", "slate blue", "冲锋衣"}, Price: 659},
			{Kind: entity.Product, Value: "P1005", Says: []string{"白色", "white", "T恤"}, Price: 129},
		},
	}
	shownOrders = entity.Focus{
		Orders: []string{"ED20261118-4417", "ED20261101-4288"},
		List: []entity.Shown{
			{Kind: entity.Order, Value: "ED20261118-4417", Says: []string{"开衫"}, Price: 429}, {Kind: entity.Order, Value: "ED20261101-4288", Says: []string{"围巾"}, Price: 599},
		},
	}
	oneProduct = entity.Focus{Products: []string{"P1001"}, Attribute: "price"}
)

func TestWordsPointToWhatWasShown(t *testing.T) {
	for _, c := range []struct {
		focus      entity.Focus
		text, want string
	}{
		{shownProducts, "第二个", "P1009"},
		{shownProducts, "第3件还有吗", "P1005"},
		{shownProducts, "我要第一款", "P1001"},
		{shownProducts, "the second one please", "P1009"},
		{shownProducts, "2nd", "P1009"},
		{shownProducts, "number 3", "P1005"},
		{shownProducts, "最后一个多少钱", "P1005"},
		{shownProducts, "倒数第二个", "P1009"},
		{shownProducts, "the last one", "P1005"},
		{shownProducts, "那件红色的", "P1001"},
		{shownProducts, "红色那件", "P1001"},
		{shownProducts, "the blue one", "P1009"},
		{shownProducts, "the white one in M", "P1005"},
		{shownProducts, "便宜的那个", "P1005"},
		{shownProducts, "the cheapest one", "P1005"},
		{shownProducts, "the most expensive one", "P1009"},
		{shownProducts, "除了第一个", "P1009 P1005"},
		{shownProducts, "all but the first", "P1009 P1005"},
		{shownProducts, "all of them", "P1001 P1009 P1005"},
		{shownProducts, "它能机洗吗", "P1001"},
		{shownProducts, "how heavy is it", "P1001"},
		{shownProducts, "第九个", ""},
		{shownOrders, "第一个订单退款", "ED20261118-4417"},
		{shownOrders, "另外那个呢", "ED20261101-4288"},
		{shownOrders, "the other one", "ED20261101-4288"},
		{shownOrders, "两个都退", "ED20261118-4417 ED20261101-4288"},
		{shownOrders, "cancel both", "ED20261118-4417 ED20261101-4288"},
		{shownOrders, "刚才那个订单到哪了", "ED20261118-4417"},
		{shownOrders, "这单不要了", "ED20261118-4417"},
		{shownOrders, "where is my order", "ED20261118-4417"},
		{shownOrders, "围巾那单", "ED20261101-4288"},
		{oneProduct, "这件有货吗", "P1001"},
		{oneProduct, "那 M 码呢", "P1001"},
		{oneProduct, "and in blue?", "P1001"},
		{oneProduct, "多少钱", "P1001"},
		{oneProduct, "is it warm", "P1001"},
		{oneProduct, "does that one shrink", "P1001"},
		{oneProduct, "这个问题怎么解决", ""},
		{oneProduct, "我的手机号是多少位的啊这个系统怎么一直提示我输入错误还让我重新填写", ""},
		{entity.Focus{}, "第二个", ""},
		{entity.Focus{}, "那个", ""},
		{entity.Focus{}, "is it warm", ""},
	} {
		got := ""
		if r := entity.Resolve(c.text, c.focus); len(r) > 0 {
			got = strings.Join(r[0].Values, " ")
			if runes := []rune(c.text); !r[0].Elliptic && string(runes[r[0].Start:r[0].End]) != r[0].Text {
				t.Errorf("%q: %q does not stand at %d", c.text, r[0].Text, r[0].Start)
			}
		}
		if got != c.want {
			t.Errorf("%q points to %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWhatMayBeSeveralIsAskedFor(t *testing.T) {
	focus := entity.Focus{List: []entity.Shown{
		{Kind: entity.Product, Value: "A", Says: []string{"枫红"}}, {Kind: entity.Product, Value: "B", Says: []string{"铁锈红"}}, {Kind: entity.Product, Value: "C", Says: []string{"黑色"}},
	}}
	r := entity.Resolve("那件红色的", focus)
	if len(r) != 1 || !r[0].Ambiguous || len(r[0].Values) != 2 {
		t.Errorf("got %+v", r)
	}
}
