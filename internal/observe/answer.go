package observe

import (
	"bufio"
	"net"
	"net/http"
)

// answer notices when an answer begins. It keeps the abilities that streams and
// sockets look for in a ResponseWriter.
type answer struct {
	http.ResponseWriter
	began func(status int)
}

// begin reports the status once. Early hints are no beginning.
func (a *answer) begin(status int) {
	if a.began == nil || status < http.StatusOK && status != http.StatusSwitchingProtocols {
		return
	}
	a.began(status)
	a.began = nil
}

// WriteHeader begins the answer.
func (a *answer) WriteHeader(status int) {
	a.begin(status)
	a.ResponseWriter.WriteHeader(status)
}

// Write begins the answer if WriteHeader has not.
func (a *answer) Write(data []byte) (int, error) {
	a.begin(http.StatusOK)
	return a.ResponseWriter.Write(data)
}

// Flush sends what has been written.
func (a *answer) Flush() {
	a.begin(http.StatusOK)
	if flusher, ok := a.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
}

// Hijack hands the connection over to a socket.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil {
		a.begin(http.StatusSwitchingProtocols)
	}
	return conn, buffered, err
}

// Unwrap lets http.ResponseController reach the rest.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
