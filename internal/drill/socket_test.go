package drill_test

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	wire "encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// socket is the client's end of a WebSocket: text frames, answered pings, and
// nothing else of RFC 6455.
type socket struct {
	conn net.Conn
	read *bufio.Reader
	mu   sync.Mutex // one writer at a time
}

// quiet is how long a socket may say nothing before it is taken for dead: the
// desk pings more often.
const quiet = 35 * time.Second

// dialSocket opens a WebSocket.
func dialSocket(base string, header http.Header) (*socket, error) {
	at, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp", at.Host, 2*time.Second)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, read: bufio.NewReader(conn)}
	nonce := make([]byte, 16)
	rand.Read(nonce)
	request := &http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Header: header.Clone()}
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "websocket")
	request.Header.Set("Sec-WebSocket-Version", "13")
	request.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(nonce))
	if err := errors.Join(conn.SetDeadline(time.Now().Add(3*time.Second)), request.Write(conn)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	response, err := http.ReadResponse(s.read, request)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		return nil, errors.Join(fmt.Errorf("no socket: %s", response.Status), conn.Close())
	}
	return s, conn.SetDeadline(time.Time{})
}

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

// next returns the next text.
func (s *socket) next() (string, error) {
	var text []byte
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(quiet)); err != nil {
			return "", err
		}
		head := make([]byte, 2)
		if _, err := io.ReadFull(s.read, head); err != nil {
			return "", err
		}
		length := uint64(head[1] & 0x7f)
		if length >= 126 {
			long := make([]byte, 2)
			if length == 127 {
				long = make([]byte, 8)
			}
			if _, err := io.ReadFull(s.read, long); err != nil {
				return "", err
			}
			length = wire.BigEndian.Uint64(append(make([]byte, 8-len(long)), long...))
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(s.read, payload); err != nil {
			return "", err
		}
		switch head[0] & 0x0f {
		case opClose:
			return "", io.EOF
		case opPing:
			if err := s.write(opPong, payload); err != nil {
				return "", err
			}
			continue
		case opPong:
			continue
		}
		text = append(text, payload...)
		if head[0]&0x80 != 0 {
			return string(text), nil
		}
	}
}

// say sends a text.
func (s *socket) say(text string) error { return s.write(opText, []byte(text)) }

func (s *socket) write(op byte, payload []byte) error {
	frame := []byte{0x80 | op}
	if len(payload) < 126 {
		frame = append(frame, 0x80|byte(len(payload)))
	} else {
		frame = wire.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(len(payload)))
	}
	mask := make([]byte, 4)
	rand.Read(mask)
	frame = append(frame, mask...)
	for i, b := range payload {
		frame = append(frame, b^mask[i%4])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.SetWriteDeadline(time.Now().Add(3 * time.Second)); err != nil {
		return err
	}
	_, err := s.conn.Write(frame)
	return err
}

func (s *socket) close() { _ = s.conn.Close() } // it may have ended by itself
