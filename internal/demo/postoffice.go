package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"time"

	"everdesk/internal/channel"
)

// The shop's customers do not exist, and neither do their mail providers. So
// that the letters of the demo arrive somewhere, the order system takes them in,
// by SMTP, on an address of its own, and its page shows them.

const (
	// keptLetters is how many are kept, mostLetter how long one may be.
	keptLetters = 30
	mostLetter  = 1 << 20
)

type letter struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// PostAddress is where it takes mail in, "127.0.0.1:port".
func (b *BackOffice) PostAddress() string { return b.post.Addr().String() }

// TakeMail takes letters in until ctx ends.
func (b *BackOffice) TakeMail(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { _ = b.post.Close() })
	defer stop()
	for {
		conn, err := b.post.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			// A sender that speaks no SMTP is hung up on.
			_ = b.converse(conn)
		}()
	}
}

// converse is the little of SMTP that a mail client needs.
func (b *BackOffice) converse(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	lines := bufio.NewReader(io.LimitReader(conn, mostLetter))
	to := ""
	say := func(text string) error {
		_, err := io.WriteString(conn, text+"\r\n")
		return err
	}
	if err := say("220 post.skylark.example"); err != nil {
		return err
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		answer := "250 ok"
		switch strings.ToUpper(verb) {
		case "EHLO":
			answer = "250-post.skylark.example\r\n250 8BITMIME"
		case "RCPT":
			_, address, _ := strings.Cut(rest, "<")
			to, _, _ = strings.Cut(address, ">")
		case "DATA":
			if err := say("354 go on"); err != nil {
				return err
			}
			if err := b.receive(lines, to); err != nil {
				return err
			}
		case "QUIT":
			return say("221 bye")
		case "HELO", "MAIL", "RSET", "NOOP":
		default:
			answer = "502 no"
		}
		if err := say(answer); err != nil {
			return err
		}
	}
}

// receive reads a letter up to the line with a lone dot, and keeps it.
func (b *BackOffice) receive(lines *bufio.Reader, to string) error {
	var raw strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimRight(line, "\r\n") == "." {
			break
		}
		raw.WriteString(strings.TrimPrefix(line, "."))
	}
	read, err := mail.ReadMessage(strings.NewReader(raw.String()))
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil {
		subject = read.Header.Get("Subject")
	}
	text, err := plainPart(read.Header.Get("Content-Type"), read.Header.Get("Content-Transfer-Encoding"), read.Body)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.books.Letters = append(b.books.Letters, letter{To: to, Subject: subject, Text: text, At: b.now()})
	if n := len(b.books.Letters); n > keptLetters {
		b.books.Letters = b.books.Letters[n-keptLetters:]
	}
	return b.keep()
}

// plainPart is the plain text of a letter.
func plainPart(contentType, encoding string, body io.Reader) (string, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err == nil && strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return "", nil
			}
			if err != nil {
				return "", err
			}
			if text, err := plainPart(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part); err != nil || text != "" {
				return text, err
			}
		}
	}
	if err == nil && kind != "text/plain" {
		return "", nil
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	raw, err := io.ReadAll(io.LimitReader(body, mostLetter))
	return strings.TrimSpace(string(raw)), err
}

// deliverTo has the desk send its mail to the demo's post office, unless people
// have set up another.
func (s *Shop) deliverTo(ctx context.Context, b *BackOffice) error {
	settings, version, err := s.desk.Channels.Email(ctx, s.scope)
	if err != nil {
		return err
	}
	if version != 0 && (settings.Host != "127.0.0.1" || settings.From != postFrom) {
		return nil
	}
	port := b.post.Addr().(*net.TCPAddr).Port
	_, err = s.desk.Channels.SetEmail(ctx, s.scope, version, channel.EmailSettings{Host: "127.0.0.1", Port: port, Security: channel.None, From: postFrom}, s.desk.Now())
	if err != nil {
		return fmt.Errorf("the demo's post office: %w", err)
	}
	return nil
}

// postFrom is whom the demo's letters are from.
const postFrom = "云雀商店 Skylark <help@skylark.example>"
