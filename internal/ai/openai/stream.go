package openai

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"everdesk/internal/ai"
)

// chunk is one event of a stream.
type chunk struct {
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *usage `json:"usage"`
	Error any    `json:"error"`
}

// streamed reads a stream of events to its end. One that breaks off before it
// has said that it is finished is no answer, however much of it came.
func streamed(body io.Reader, onText func(string) error) (reply ai.Reply, err error) {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 16<<10), 1<<20)
	var text strings.Builder
	finished := false
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data:")
		if !ok {
			continue // comments, event names and the empty lines between
		}
		data = strings.TrimSpace(data)
		if data == "[DONE]" {
			finished = true
			break
		}
		var c chunk
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return reply, ai.ErrGarbled.Because(err)
		}
		if c.Error != nil {
			return reply, ai.ErrUnavailable.Because(errors.New("the provider ended the stream with an error"))
		}
		if c.Usage != nil {
			reply.Usage = ai.Usage{Prompt: c.Usage.PromptTokens, Completion: c.Usage.CompletionTokens}
		}
		if len(c.Choices) == 0 {
			continue
		}
		if err := take(&text, c.Choices[0].Delta.Content, onText); err != nil {
			return reply, err
		}
		// An answer cut off for its length is half an answer.
		switch c.Choices[0].FinishReason {
		case "", "stop":
		default:
			return reply, ai.ErrGarbled.Because(errors.New("the answer ended with " + c.Choices[0].FinishReason))
		}
		finished = finished || c.Choices[0].FinishReason == "stop"
	}
	if err := lines.Err(); err != nil {
		return reply, ai.ErrUnavailable.Because(err)
	}
	if !finished {
		return reply, ai.ErrGarbled.Because(io.ErrUnexpectedEOF)
	}
	reply.Text = text.String()
	return reply, nil
}

func take(text *strings.Builder, piece string, onText func(string) error) error {
	if text.Len()+len(piece) > mostText {
		return ai.ErrGarbled.Because(errors.New("the answer is too long"))
	}
	text.WriteString(piece)
	if onText == nil || piece == "" {
		return nil
	}
	return onText(piece)
}
