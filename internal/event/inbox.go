package event

import "everdesk/internal/id"

// ConversationMoved says that a conversation has another owner. Its kind names
// the move: "conversation.started", ".handed_over", ".queued", ".assigned",
// ".transferred", ".returned_to_queue", ".returned_to_bot", ".ticketed",
// ".resolved", ".reopened" or ".overdue".
type ConversationMoved struct {
	Conversation id.Conversation `json:"conversation"`
	Customer     id.Customer     `json:"customer"`
	Happening    string          `json:"happening"`
	Epoch        int64           `json:"epoch"`
	FromKind     string          `json:"from_kind"`
	FromStaff    id.Staff        `json:"from_staff,omitempty"`
	ToKind       string          `json:"to_kind"`
	ToStaff      id.Staff        `json:"to_staff,omitempty"`
	Team         id.Team         `json:"team,omitempty"`
	Ticket       id.Ticket       `json:"ticket,omitempty"`
	Reason       string          `json:"reason"`
	ActorKind    string          `json:"actor_kind"`
}

// Kind names the move.
func (e ConversationMoved) Kind() string { return "conversation." + e.Happening }

// EntryPosted says that somebody wrote a message or a note.
type EntryPosted struct {
	Conversation id.Conversation `json:"conversation"`
	Customer     id.Customer     `json:"customer"`
	Seq          int64           `json:"seq"`
	EntryKind    string          `json:"entry_kind"`
	AuthorKind   string          `json:"author_kind"`
	Staff        id.Staff        `json:"staff,omitempty"`
	Private      bool            `json:"private"`
	// Opening says that the conversation was opened with it.
	Opening bool `json:"opening,omitempty"`
}

// Kind is "entry.posted".
func (EntryPosted) Kind() string { return "entry.posted" }

// EntryChanged says that a message was edited or recalled by the entry Seq.
type EntryChanged struct {
	Conversation id.Conversation `json:"conversation"`
	Seq          int64           `json:"seq"`
	Target       int64           `json:"target"`
	Recalled     bool            `json:"recalled"`
	AuthorKind   string          `json:"author_kind"`
}

// Kind is "entry.edited" or "entry.recalled".
func (e EntryChanged) Kind() string {
	if e.Recalled {
		return "entry.recalled"
	}
	return "entry.edited"
}

// ConversationRated says that a customer gave a verdict.
type ConversationRated struct {
	Conversation id.Conversation `json:"conversation"`
	Customer     id.Customer     `json:"customer"`
	Staff        id.Staff        `json:"staff,omitempty"`
	Score        int64           `json:"score"`
}

// Kind is "conversation.rated".
func (ConversationRated) Kind() string { return "conversation.rated" }

// AnswerJudged says that a customer found an answer helpful or not.
type AnswerJudged struct {
	Conversation id.Conversation `json:"conversation"`
	Seq          int64           `json:"seq"`
	Articles     []id.Article    `json:"articles"`
	Helpful      bool            `json:"helpful"`
}

// Kind is "answer.judged".
func (AnswerJudged) Kind() string { return "answer.judged" }

// PresenceChanged says that a member of staff came, went or stepped away.
type PresenceChanged struct {
	Staff  id.Staff `json:"staff"`
	State  string   `json:"state"`
	Reason string   `json:"reason,omitempty"`
}

// Kind is "presence.changed".
func (PresenceChanged) Kind() string { return "presence.changed" }

// ConversationChanged says that what staff edit of a conversation has changed:
// subject, priority or tags.
type ConversationChanged struct {
	Conversation id.Conversation `json:"conversation"`
}

// Kind is "conversation.changed".
func (ConversationChanged) Kind() string { return "conversation.changed" }
