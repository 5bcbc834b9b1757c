package channeldb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/job"
	"everdesk/internal/store"
)

// MailKind is the kind of the job that sends the desk's own mail.
const MailKind = "mail.send"

const mailPurpose = "channel.mail"

// sealedMail is the job's payload: such a mail holds a link that lets somebody
// in.
type sealedMail struct {
	ID      int64  `json:"id"`
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Queue has a mail sent by the workspace's account after the transaction of ctx:
// it is accessdb's Mailer.
func (s *Store) Queue(ctx context.Context, mail access.Mail, at time.Time) error {
	seal := func(text string) string { return s.sealer.Seal(mailPurpose, text) }
	job.Enqueue(ctx, job.Job{Kind: MailKind, Workspace: mail.Workspace, At: at, Payload: sealedMail{
		ID: store.Current(ctx).IDs().Next(), To: seal(mail.To), Subject: seal(mail.Subject), Text: seal(mail.Text),
	}})
	return nil
}

// QueuedMail is a mail on its way. Its ID is equal on every attempt.
type QueuedMail struct {
	access.Mail
	ID int64
}

// OpenMail reads the mail of a job.
func (s *Store) OpenMail(task job.Task) (mail QueuedMail, err error) {
	var sealed sealedMail
	if err := task.Decode(&sealed); err != nil {
		return mail, err
	}
	mail.ID, mail.Workspace = sealed.ID, task.Workspace
	for _, part := range []struct {
		to   *string
		from string
	}{{&mail.To, sealed.To}, {&mail.Subject, sealed.Subject}, {&mail.Text, sealed.Text}} {
		if *part.to, err = s.sealer.Open(mailPurpose, part.from); err != nil {
			return mail, err
		}
	}
	return mail, nil
}
