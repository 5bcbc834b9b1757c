package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// welcome makes the shop's customers: visitors of the widget for whom the shop
// has vouched, as its storefront does.
func (s *Shop) welcome(ctx context.Context) error {
	s.report("%d customers", len(s.pack.shoppers))
	if err := s.recognise(ctx); err != nil {
		return err
	}
	for i, one := range s.pack.shoppers {
		if s.shoppers[one.Key] != 0 {
			continue
		}
		at := s.firstSeen(one).Add(time.Duration(i) * time.Minute)
		err := s.atomically(ctx, func(ctx context.Context) error {
			visit, err := s.desk.Customers.Arrive(ctx, s.scope, customer.Arrival{
				Locale: one.Locale, TimeZone: one.TimeZone, Channel: s.widget.ID, At: at,
			})
			if err != nil {
				return err
			}
			who, err := s.desk.Customers.Identify(ctx, access.Visitor(s.scope.Workspace, visit.Customer.ID), s.widget.ID, s.proof(one, at), at)
			s.shoppers[one.Key] = who.ID
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", one.Key, err)
		}
	}
	return nil
}

// recognise finds the customers who are there already.
func (s *Shop) recognise(ctx context.Context) error {
	s.shoppers = map[string]id.Customer{}
	for _, one := range s.pack.shoppers {
		found, err := s.desk.Customers.List(ctx, s.scope, one.Email, page.Request{Limit: 1})
		if err != nil {
			return err
		}
		if len(found.Items) > 0 {
			s.shoppers[one.Key] = found.Items[0].ID
		}
	}
	return nil
}

// firstSeen is the evening of a customer's first order.
func (s *Shop) firstSeen(one shopper) time.Time {
	first := -15
	for _, o := range s.pack.orders {
		if o.Customer == one.Key {
			first = min(first, o.Placed)
		}
	}
	return s.days.at(first, "08:00")
}

// proof is what the shop says of a customer who is signed in there.
func (s *Shop) proof(one shopper, at time.Time) customer.Proof {
	return customer.Proof{
		Subject: one.Key, Name: one.Name, Mail: one.Email, Phone: one.Phone, Tier: tiers[language(one.Locale)][one.Tier], Locale: one.Locale,
		Attributes: s.attributes(one), IssuedAt: at, ExpiresAt: at.Add(30 * time.Minute),
	}
}

func language(locale string) string {
	if locale == "zh-CN" {
		return locale
	}
	return "en"
}

var tiers = map[string]map[string]string{
	"zh-CN": {"standard": "普通会员", "silver": "银卡", "gold": "金卡", "black": "黑卡"},
	"en":    {"standard": "Standard", "silver": "Silver", "gold": "Gold", "black": "Black"},
}

var states = map[string]map[string]string{
	"zh-CN": {
		"paid": "已付款", "packed": "已打包", "shipped": "运输中", "delivered": "已签收", "returning": "退货中", "refunded": "已退款", "cancelled": "已取消",
	},
	"en": {
		"paid": "Paid", "packed": "Packed", "shipped": "On its way", "delivered": "Delivered", "returning": "Being returned", "refunded": "Refunded", "cancelled": "Cancelled",
	},
}

// attributes are what the shop knows of a customer, in the words of who serves
// them.
func (s *Shop) attributes(one shopper) map[string]string {
	labels := map[string]string{"city": "City", "orders": "Orders", "last": "Latest order", "goods": "Goods", "state": "Order status", "amount": "Amount"}
	if language(one.Locale) == "zh-CN" {
		labels = map[string]string{"city": "城市", "orders": "订单数", "last": "最近订单", "goods": "商品", "state": "订单状态", "amount": "金额"}
	}
	known := map[string]string{labels["city"]: one.City + ", " + one.Country}
	if one.Country == "CN" {
		known[labels["city"]] = one.City
	}
	var last *order
	count := 0
	for i := range s.pack.orders {
		if o := &s.pack.orders[i]; o.Customer == one.Key {
			count++
			if last == nil || o.Placed > last.Placed {
				last = o
			}
		}
	}
	known[labels["orders"]] = strconv.Itoa(count)
	if last == nil {
		return known
	}
	known[labels["last"]] = last.Number
	known[labels["goods"]] = s.goods(*last, one.Locale)
	known[labels["state"]] = states[language(one.Locale)][last.Status]
	known[labels["amount"]] = strconv.FormatFloat(last.Amount, 'f', -1, 64) + " " + last.Currency
	return known
}

// goods names what an order holds.
func (s *Shop) goods(o order, locale string) string {
	text := ""
	for _, i := range o.Items {
		if text != "" {
			text += "; "
		}
		text += s.productName(fmt.Sprint(i["product_id"]), language(locale)) + " × " + fmt.Sprint(i["quantity"])
	}
	return text
}

func (s *Shop) productName(key, locale string) string {
	for _, raw := range s.pack.products {
		var product struct {
			Key  string            `json:"product_id"`
			Name map[string]string `json:"name"`
		}
		if json.Unmarshal(raw, &product) == nil && product.Key == key {
			return product.Name[locale]
		}
	}
	return key
}
