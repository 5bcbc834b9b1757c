package accessdb_test

import (
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

type teamID = id.Team

func TestAForgottenPasswordIsSetByMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		_, signed := d.signIn(t, "guwan@tit.example", start)
		must(t, d.Forgot(t.Context(), "nobody@tit.example", here, start))
		if mails := d.outbox.all(t); len(mails) != 0 {
			t.Fatalf("somebody unknown got %v", mails)
		}
		must(t, d.Forgot(t.Context(), "GuWan@tit.example", here, start))
		if n := count(t, db, `SELECT COUNT(*) FROM jobs WHERE payload LIKE '%reset%' OR payload LIKE '%guwan%'`); n != 0 {
			t.Error("the mail can be read in the queue")
		}
		mail := d.outbox.last(t)
		if mail.To != "guwan@tit.example" || mail.Workspace != d.founded.Workspace.ID || !strings.Contains(mail.Text, "20 Nov, 19:00") {
			t.Errorf("the mail is %+v", mail)
		}
		token := d.outbox.token(t, "reset")
		if n := count(t, db, `SELECT COUNT(*) FROM one_time_links WHERE token_hash = $1`, token); n != 0 {
			t.Error("the token can be read in the database")
		}
		field(t, d.Reset(t.Context(), token, "short", here, start), "body.password", "too_short")
		refused(t, d.Reset(t.Context(), token, other, here, start.Add(access.ResetLife)), access.ErrResetEnded)
		must(t, d.Reset(t.Context(), token, other, here, start.Add(time.Hour)))
		refused(t, d.Reset(t.Context(), token, other, here, start.Add(time.Hour)), access.ErrResetEnded)
		_, err := d.SessionScope(t.Context(), signed.Token, start.Add(time.Hour))
		refused(t, err, access.ErrSignedOut)
		_, err = d.SignIn(t.Context(), "guwan@tit.example", password, here, start.Add(time.Hour))
		refused(t, err, access.ErrWrongSignIn)
		_, err = d.SignIn(t.Context(), "guwan@tit.example", other, here, start.Add(time.Hour))
		must(t, err)
		if mail := d.outbox.last(t); !strings.Contains(mail.Subject, "changed") {
			t.Errorf("the owner was told %q", mail.Subject)
		}
	})
}

func TestNobodyIsFloodedWithResets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		for range 10 {
			must(t, d.Forgot(t.Context(), "guwan@tit.example", there, start))
		}
		if got := len(d.outbox.all(t)); got != access.ThrottleMail.Free {
			t.Errorf("%d mails, want %d", got, access.ThrottleMail.Free)
		}
	})
}

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		caller, kept := d.signIn(t, "guwan@tit.example", start)
		_, ended := d.signIn(t, "guwan@tit.example", start)
		must(t, d.Forgot(t.Context(), "guwan@tit.example", here, start))
		token := d.outbox.token(t, "reset")
		field(t, d.ChangePassword(t.Context(), caller, "wrong password", other, here, start), "body.current", "wrong")
		field(t, d.ChangePassword(t.Context(), caller, password, "guwan-guwan-1", here, start), "body.password", "too_easy")
		must(t, d.ChangePassword(t.Context(), caller, password, other, here, start))
		_, err := d.SessionScope(t.Context(), kept.Token, start)
		must(t, err)
		_, err = d.SessionScope(t.Context(), ended.Token, start)
		refused(t, err, access.ErrSignedOut)
		refused(t, d.Reset(t.Context(), token, password, here, start), access.ErrResetEnded)
	})
}

func TestAnAdminPassesOnAResetOnlyForTheirOwnPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		admin := d.enroll(t, "admin", access.Admin, start)
		agent := d.enroll(t, "lin", access.Agent, start)
		reset, err := d.OfferReset(t.Context(), admin.Scope, agent.Scope.Staff, start)
		must(t, err)
		must(t, d.Reset(t.Context(), reset.Token, other, here, start))
		_, err = d.OfferReset(t.Context(), admin.Scope, d.founded.Staff, start)
		refused(t, err, access.ErrBeyondOwn)
		// In another workspace the agent is nobody, until they work there too.
		second, err := d.Found(t.Context(), access.Founding{
			Name: "Second", Locale: "zh", TimeZone: "UTC", OwnerName: "Ann", Mail: "ann@second.example", Password: password,
		}, start)
		must(t, err)
		elsewhere := access.System(second.Workspace.ID)
		_, err = d.OfferReset(t.Context(), elsewhere, agent.Scope.Staff, start)
		refused(t, err, fault.ErrNotFound)
		joined, err := d.Enroll(t.Context(), elsewhere, access.Account{Mail: "lin@tit.example", Name: "Lin"}, password, access.Agent, nil, start)
		must(t, err)
		_, err = d.OfferReset(t.Context(), elsewhere, joined, start)
		refused(t, err, access.ErrAccountShared)
	})
}
