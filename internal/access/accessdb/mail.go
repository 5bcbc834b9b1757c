package accessdb

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/job"
	"everdesk/internal/locale"
	"everdesk/internal/store"
)

// MailJob is the kind of job that sends one mail; its handler is HandleMail.
const MailJob = "access.mail"

const sealedLetter = "access.mail"

// Mailer sends mail from a workspace's mail account. An error is tried again
// later.
type Mailer interface {
	Send(ctx context.Context, mail access.Mail) error
}

// letter is a mail waiting to be sent. It holds a secret link and is sealed.
type letter struct {
	Sealed string `json:"sealed"`
}

// queue queues one of the mails of the catalogue, in the transaction of ctx.
func (s *Store) queue(ctx context.Context, to access.Account, workspace id.Workspace, code string, facts map[string]string, at time.Time) {
	tag := cmp.Or(locale.Match(to.Locale), locale.Tags[0])
	facts["name"] = to.Name
	mail := access.Mail{
		Workspace: workspace, To: to.Mail,
		Subject: locale.Text(tag, code+".subject", facts), Text: locale.Text(tag, code+".text", facts),
	}
	job.Enqueue(ctx, job.Job{
		Kind: MailJob, Workspace: workspace, At: at, Payload: letter{s.Ring.Seal(sealedLetter, store.JSON(mail))},
	})
}

// HandleMail sends the mail of a MailJob.
func (s *Store) HandleMail(ctx context.Context, task job.Task) error {
	var waiting letter
	if err := task.Decode(&waiting); err != nil {
		return err
	}
	text, err := s.Ring.Open(sealedLetter, waiting.Sealed)
	if err != nil {
		return err
	}
	var mail access.Mail
	if err := json.Unmarshal([]byte(text), &mail); err != nil {
		return err
	}
	return s.Mailer.Send(ctx, mail)
}

// moment is a time as a mail says it, in the workspace's zone.
func moment(tag string, t time.Time, zone string, now time.Time) string {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	return locale.Moment(cmp.Or(locale.Match(tag), locale.Tags[0]), t.In(location), now)
}
