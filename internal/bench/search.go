package bench

import (
	"context"
	"errors"
	"net/url"
)

// Search measures looking for words in a desk with a backlog. The shares are of
// all messages, half of which are Chinese. Then it reads all that has the rare
// word, to find each conversation once.
func Search(ctx context.Context, options Backlog) (result BacklogResult, err error) {
	b, err := openBacklog(ctx, options)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	key := b.keyHeaders()
	path := func(text string) string { return "/api/v1/search?q=" + url.QueryEscape(text) }
	older, err := b.cursor(ctx, path(wordOften)+"&limit=50", key, 60)
	if err != nil {
		return result, err
	}
	kinds := []question{
		{name: "word in 1/8", path: path(wordOften), headers: key},
		{name: "word in 1/16", path: path(wordSome), headers: key},
		{name: "word in 1/10,000", path: path(wordRare), headers: key},
		{name: "word in none", path: path(wordNever), headers: key},
		{name: "phrase, 1/32", path: path(`"` + phrase + `"`), headers: key},
		{name: "two words, 1/8 and 1/2", path: path(wordOften + " order"), headers: key},
		{name: "2 Chinese letters, 1/8", path: path(hanOften), headers: key},
		{name: "2 Chinese letters, 1/16", path: path(hanSome), headers: key},
		{name: "4 Chinese letters, 1/32", path: path(hanLong), headers: key},
		{name: "1 Chinese letter, 1/8", path: path("递"), headers: key},
		{name: "number of an order", path: path("TRK00000042"), headers: key},
		{name: "word in 1/8, older", path: path(wordOften) + "&cursor=" + older, headers: key},
		{name: "member: word in 1/8", path: path(wordOften), headers: b.Agent},
		{name: "member: word in 1/10,000", path: path(wordRare), headers: b.Agent},
		{name: "word in 1/8", path: path(wordOften), headers: key, clients: 8},
	}
	if result, err = b.ask(ctx, options, "search", kinds); err != nil {
		return result, err
	}
	found, err := b.every(ctx, path(wordRare)+"&limit=50", key)
	result.count(found, len(b.Rare))
	return result, err
}
