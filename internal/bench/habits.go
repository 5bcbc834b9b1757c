package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"time"
)

// teach gives the bot something to answer with.
func teach(ctx context.Context, d *desk) error {
	var article struct {
		ID string `json:"id"`
	}
	if err := d.call(ctx, http.MethodPost, "/knowledge", nil, map[string]any{
		"kind": "faq", "locale": "en", "title": "Where is my parcel?", "variants": []string{"When does my parcel arrive?", "My parcel has not arrived"},
		"body": "Parcels take two to four working days. The tracking page shows where yours is.",
	}, &article); err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/knowledge/"+article.ID+"/publish", nil, nil, nil)
}

// newcomer arrives, asks the bot, reads its answer and leaves.
func (s *soak) newcomer(ctx context.Context, w *wire, n int) error {
	from := addressed(1<<20 + n)
	answer, err := w.do(ctx, http.MethodPost, "/api/v1/client/visitors", from, fmt.Appendf(nil, `{"key":%q,"locale":"en"}`, s.talks.cast.widget))
	if err != nil {
		return err
	}
	var visit struct {
		Token string `json:"token"`
	}
	if err := decode(answer, &visit); err != nil {
		return err
	}
	answered := make(chan struct{}, 1)
	own := newCrowd(s.desk.addrs(), []guest{{token: visit.Token, hear: func(frame []byte, _ time.Time) {
		if bytes.Contains(frame, []byte(`"type":"entry"`)) && bytes.Contains(frame, []byte(`"author":{"kind":"bot"`)) {
			select {
			case answered <- struct{}{}:
			default:
			}
		}
	}}})
	if err := own.seat(ctx, 0); err != nil {
		return err
	}
	defer own.scatter()
	if _, err := w.do(ctx, http.MethodPost, "/api/v1/client/conversations", "Authorization: Bearer "+visit.Token+"\r\n"+from,
		[]byte(`{"client_id":"start","body":{"type":"text","text":"Where is my parcel?"},"locale":"en"}`)); err != nil {
		return err
	}
	select {
	case <-answered:
		s.mu.Lock()
		s.answered++
		s.mu.Unlock()
		return nil
	case <-time.After(10 * time.Second):
		return errors.New("the bot has not answered within 10 s")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ticket is a program making one.
func (s *soak) ticket(ctx context.Context, w *wire, n int) error {
	answer, err := w.do(ctx, http.MethodPost, "/api/v1/tickets", fmt.Sprintf("Authorization: Bearer %s\r\nIdempotency-Key: soak-%d\r\n", s.desk.key, n),
		fmt.Appendf(nil, `{"subject":"Parcel %d has not arrived","priority":"normal","body":"The tracking page has not moved since Monday.","customer":{"name":"Customer %d","email":"customer%d@example.com"}}`, n, n%500, n%500))
	if err != nil {
		return err
	}
	var made struct {
		ID     string `json:"id"`
		Number int64  `json:"number"`
	}
	if err := decode(answer, &made); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets[fmt.Sprintf("%s %d", made.ID, made.Number)]++
	return nil
}

// picture is a visitor uploading one and sending it.
func (s *soak) picture(ctx context.Context, w *wire, n int) error {
	talk := s.talks.cast.talks[n%len(s.talks.cast.talks)]
	drawn := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for x := range 320 {
		drawn.Set(x, (x+n)%200, color.RGBA{uint8(n), uint8(x), 90, 255})
	}
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	part, err := parts.CreateFormFile("file", "parcel.png")
	if err == nil {
		err = png.Encode(part, drawn)
	}
	if err = errors.Join(err, parts.Close()); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.desk.url+"/api/v1/client/uploads", &form)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", parts.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+talk.visitor.token)
	var file struct {
		ID string `json:"id"`
	}
	if _, err := s.desk.send(request, &file); err != nil {
		return err
	}
	_, err = w.do(ctx, http.MethodPost, "/api/v1/client/conversations/"+talk.id+"/entries", talk.visitor.headers,
		fmt.Appendf(nil, `{"client_id":"picture-%d","body":{"type":"image","file":{"id":%q}}}`, n, file.ID))
	return err
}

// comeBack is a visitor whose connection breaks and is made anew.
func (s *soak) comeBack(ctx context.Context, _ *wire, n int) error {
	agents := len(s.talks.cast.agents)
	return s.crowd.again(ctx, agents+n*7%(len(s.crowd.guests)-agents))
}

// look is an agent turning to a list and to a thread.
func (s *soak) look(ctx context.Context, w *wire, n int) error {
	talk := s.talks.cast.talks[n%len(s.talks.cast.talks)]
	for _, path := range []string{"/conversations?view=mine", "/conversations/counts", "/conversations/" + talk.id + "/entries?limit=50"} {
		if _, err := w.do(ctx, http.MethodGet, "/api/v1"+path, talk.agent.headers, nil); err != nil {
			return err
		}
	}
	return nil
}
