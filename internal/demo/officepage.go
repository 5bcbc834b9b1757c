package demo

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// officePage shows how the shop's order system is, what it has, and the letters
// of its customers: the demo's view behind the counter.
var officePage = template.Must(template.New("office").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.T.title}}</title>
<link rel="stylesheet" href="/docs.css"></head><body><main>
<h1>{{.T.title}}</h1><p>{{.T.about}}</p>
<h2>{{.T.health}}</h2>
<form method="post" action="/demo/backoffice">{{range .Modes}}<button name="mode" value="{{.Key}}"{{if .On}} aria-pressed="true" disabled{{end}}>{{.Name}}</button> {{end}}</form>
<h2>{{.T.letters}}</h2>{{if not .Letters}}<p>{{.T.none}}</p>{{end}}
{{range .Letters}}<section><h3>{{.Subject}}</h3><p>{{.To}} · {{.At.Format "15:04:05"}}</p><pre>{{.Text}}</pre></section>{{end}}
<h2>{{.T.orders}}</h2><table><thead><tr><th>{{.T.number}}</th><th>{{.T.state}}</th><th>{{.T.address}}</th><th>{{.T.refunded}}</th></tr></thead><tbody>
{{range .Orders}}<tr><td>{{.Number}}</td><td>{{.Status}}</td><td>{{.Address}}</td><td>{{.Refunded}} {{.Currency}}</td></tr>{{end}}</tbody></table>
</main></body></html>`))

var officeWords = map[string]map[string]string{
	"zh-CN": {
		"title": "云雀商店的后台", "about": "订单系统是一个独立的服务，客服台通过连接器访问它。在这里切换它的状态，查看顾客收到的邮件。",
		"health": "订单系统的状态", "letters": "顾客收到的邮件", "none": "还没有邮件。", "orders": "订单", "number": "订单号", "state": "状态", "address": "新地址", "refunded": "已退款",
		"healthy": "正常", "slow": "缓慢", "failing": "故障", "recovering": "恢复中",
	},
	"en": {
		"title": "Behind Skylark's counter", "about": "The order system is a service of its own, which the desk reaches through a connector. Switch how it is, and read the letters its customers get.",
		"health": "The order system is", "letters": "Letters to customers", "none": "No letters yet.", "orders": "Orders", "number": "Number", "state": "State", "address": "New address", "refunded": "Refunded",
		"healthy": "well", "slow": "slow", "failing": "failing", "recovering": "recovering",
	},
}

func (b *BackOffice) page(w http.ResponseWriter, r *http.Request) {
	tag := "en"
	if strings.HasPrefix(r.Header.Get("Accept-Language"), "zh") {
		tag = "zh-CN"
	}
	words := officeWords[tag]
	type mode struct {
		Key, Name string
		On        bool
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	shown := map[string]any{"Lang": tag, "T": words}
	var modes []mode
	for _, m := range Modes {
		modes = append(modes, mode{string(m), words[string(m)], m == b.mode})
	}
	var letters []letter
	for _, one := range slices.Backward(b.books.Letters) {
		letters = append(letters, one)
	}
	var orders []*shopItem
	for _, number := range sortedKeys(b.books.Orders) {
		orders = append(orders, b.books.Orders[number])
	}
	shown["Modes"], shown["Letters"], shown["Orders"] = modes, letters, orders
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	// The client may have gone; there is nobody left to tell.
	_ = officePage.Execute(w, shown)
}

func (b *BackOffice) switchMode(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	if err := b.SetMode(Mode(r.FormValue("mode"))); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	http.Redirect(w, r, "/demo/backoffice", http.StatusSeeOther)
}
