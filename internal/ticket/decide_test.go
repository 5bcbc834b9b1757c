package ticket_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/calendar"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/ticket"
)

var friday = time.Date(2026, 11, 20, 22, 16, 0, 0, time.FixedZone("UTC+8", 8*3600))

func terms(t *testing.T, d calendar.Definition) ticket.Terms {
	t.Helper()
	hours, err := calendar.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return ticket.Terms{Policy: ticket.DefaultPolicy, Hours: hours}
}

func shanghai(t *testing.T) ticket.Terms { return terms(t, calendar.Standard("Asia/Shanghai")) }

func begun(t *testing.T, priority ticket.Priority) ticket.Ticket {
	return ticket.Begin(ticket.Ticket{ID: 1, Number: 1001, Team: 3, Priority: priority}, shanghai(t), friday).Ticket
}

func kinds(o ticket.Outcome) []string {
	var all []string
	for _, e := range o.Events {
		all = append(all, e.Kind())
	}
	return all
}

func on(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestAPromiseIsMadeInWorkingHours(t *testing.T) {
	for priority, want := range map[ticket.Priority]string{
		ticket.Urgent: "2026-11-23T10:00:00+08:00",
		ticket.High:   "2026-11-23T11:00:00+08:00",
		ticket.Normal: "2026-11-23T17:00:00+08:00",
		ticket.Low:    "2026-11-24T16:00:00+08:00",
		"":            "2026-11-23T17:00:00+08:00",
	} {
		got := begun(t, priority)
		if !got.PromisedAt.Equal(on(want)) || got.Basis != ticket.WorkingHours || !got.DueAt.Equal(got.PromisedAt) {
			t.Errorf("%q: promised %v (%s), due %v; want %s", priority, got.PromisedAt, got.Basis, got.DueAt, want)
		}
	}
	never := ticket.Begin(ticket.Ticket{ID: 1}, terms(t, calendar.Definition{TimeZone: "UTC"}), friday).Ticket
	if !never.PromisedAt.Equal(friday.Add(8*time.Hour)) || never.Basis != ticket.ElapsedHours {
		t.Errorf("without working hours: %v (%s)", never.PromisedAt, never.Basis)
	}
}

func TestACustomersSecondMessageDoesNotPutOffThePromise(t *testing.T) {
	first := begun(t, ticket.Normal)
	second := first.CustomerWrote(shanghai(t), friday.Add(time.Hour)).Ticket
	if !second.PromisedAt.Equal(first.PromisedAt) || !second.DueAt.Equal(first.DueAt) {
		t.Errorf("promise moved from %v to %v", first.PromisedAt, second.PromisedAt)
	}
	answered, err := second.Answer(shanghai(t), false, on("2026-11-23T09:30:00+08:00"))
	if err != nil || answered.Ticket.Status != ticket.Waiting || answered.Ticket.DueAction != ticket.ResolveSilent {
		t.Fatalf("answered: %+v, %v", answered.Ticket, err)
	}
	third := answered.Ticket.CustomerWrote(shanghai(t), on("2026-11-23T10:00:00+08:00")).Ticket
	if third.Status != ticket.Open || !third.PromisedAt.Equal(on("2026-11-23T18:00:00+08:00")) {
		t.Errorf("a new question is promised %v (%s)", third.PromisedAt, third.Status)
	}
}

func TestABrokenPromiseIsToldOfAndThenTakenFromItsAssignee(t *testing.T) {
	tk := begun(t, ticket.Urgent)
	tk.Assignee = 9
	if o := tk.Due(shanghai(t), tk.DueAt.Add(-time.Second)); o.Ticket.Revision != tk.Revision {
		t.Error("acted before the due time")
	}
	broken := tk.Due(shanghai(t), tk.DueAt)
	if diff := cmp.Diff([]string{"ticket.promise_broken"}, kinds(broken)); diff != "" || !broken.Ticket.Breached || broken.Ticket.Assignee != 9 {
		t.Errorf("at the promised time: %+v\n%s", broken.Ticket, diff)
	}
	if want := on("2026-11-23T12:00:00+08:00"); !broken.Ticket.DueAt.Equal(want) {
		t.Errorf("told of again at %v, want %v", broken.Ticket.DueAt, want)
	}
	again := broken.Ticket.Due(shanghai(t), broken.Ticket.DueAt)
	if diff := cmp.Diff([]string{"ticket.promise_broken", "ticket.returned"}, kinds(again)); diff != "" || again.Ticket.Assignee != 0 {
		t.Errorf("two hours later: %+v\n%s", again.Ticket, diff)
	}
	once := again.Ticket.Due(shanghai(t), again.Ticket.DueAt)
	if diff := cmp.Diff([]string{"ticket.promise_broken"}, kinds(once)); diff != "" {
		t.Errorf("and again:\n%s", diff)
	}
}

func TestAWaitingTicketIsResolvedAfterAWeekOfSilence(t *testing.T) {
	answered, err := begun(t, ticket.Normal).Answer(shanghai(t), false, friday)
	if err != nil {
		t.Fatal(err)
	}
	o := answered.Ticket.Due(shanghai(t), friday.AddDate(0, 0, 7))
	if o.Ticket.Status != ticket.Resolved || !o.Ticket.DueAt.IsZero() {
		t.Errorf("after a week: %+v", o.Ticket)
	}
	back := o.Ticket.CustomerWrote(shanghai(t), friday.AddDate(0, 0, 8))
	if diff := cmp.Diff([]string{"ticket.reopened"}, kinds(back)); diff != "" || back.Ticket.Status != ticket.Open || !back.Ticket.ResolvedAt.IsZero() {
		t.Errorf("the customer is back: %+v\n%s", back.Ticket, diff)
	}
}

func TestAHigherPriorityBringsThePromiseForwardAndALowerOneLeavesIt(t *testing.T) {
	tk := begun(t, ticket.Normal)
	priority := func(p ticket.Priority) ticket.Edit { return ticket.Edit{Priority: &p} }
	low, err := tk.Change(priority(ticket.Low), shanghai(t), friday)
	if err != nil || !low.Ticket.PromisedAt.Equal(tk.PromisedAt) {
		t.Errorf("lower: %v, %v", low.Ticket.PromisedAt, err)
	}
	urgent, err := tk.Change(priority(ticket.Urgent), shanghai(t), friday)
	if err != nil || !urgent.Ticket.DueAt.Equal(on("2026-11-23T10:00:00+08:00")) || urgent.Ticket.Version != tk.Version+1 {
		t.Errorf("higher: %+v, %v", urgent.Ticket, err)
	}
}

func TestWhatAnEditMayNotDoIsNamed(t *testing.T) {
	word := func(s string) *string { return &s }
	status := func(s ticket.Status) *ticket.Status { return &s }
	priority := ticket.Priority("soon")
	resolved := begun(t, ticket.Normal).Resolve(friday).Ticket
	for name, test := range map[string]struct {
		ticket ticket.Ticket
		edit   ticket.Edit
		want   error
		field  string
	}{
		"an empty subject":         {begun(t, ""), ticket.Edit{Subject: word(" ")}, ticket.ErrInvalid, "body.subject"},
		"a long subject":           {begun(t, ""), ticket.Edit{Subject: word(strings.Repeat("长", 201))}, ticket.ErrInvalid, "body.subject"},
		"an unknown priority":      {begun(t, ""), ticket.Edit{Priority: &priority}, ticket.ErrInvalid, "body.priority"},
		"resolving by edit":        {begun(t, ""), ticket.Edit{Status: status(ticket.Resolved)}, ticket.ErrInvalid, "body.status"},
		"closing an open one":      {begun(t, ""), ticket.Edit{Status: status(ticket.Closed)}, ticket.ErrOpen, ""},
		"waiting on a settled one": {resolved, ticket.Edit{Status: status(ticket.Waiting)}, ticket.ErrSettled, ""},
		"closing a resolved one":   {resolved, ticket.Edit{Status: status(ticket.Closed)}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.ticket.Change(test.edit, shanghai(t), friday)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if test.field != "" && (len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Path != test.field) {
				t.Errorf("fields %v", fault.Of(err).Fields)
			}
		})
	}
}

// Whatever people do in whatever order, an unsettled ticket has a due time, and
// doing what is due whenever it is due leaves none stranded.
func TestNoHistoryLeavesATicketStranded(t *testing.T) {
	terms := shanghai(t)
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		now := friday.Add(time.Duration(r.IntN(7*24)) * time.Hour)
		o := ticket.Begin(ticket.Ticket{ID: 1, Team: id.Team(r.IntN(2))}, terms, now)
		for step := range 30 {
			now = now.Add(time.Duration(r.IntN(72*60)) * time.Minute)
			for o.Ticket.Stranded(now) {
				due := o.Ticket.Due(terms, now)
				if due.Ticket.Revision == o.Ticket.Revision {
					t.Fatalf("seed %d step %d: nothing is done for %+v", seed, step, o.Ticket)
				}
				o = due
			}
			o = act(t, r, o.Ticket, terms, now)
			if o.Ticket.Stranded(now) {
				t.Fatalf("seed %d step %d: %s stranded %+v", seed, step, o.Action, o.Ticket)
			}
		}
	}
}

func act(t *testing.T, r *rand.Rand, tk ticket.Ticket, terms ticket.Terms, now time.Time) ticket.Outcome {
	t.Helper()
	settle := func(o ticket.Outcome, err error) ticket.Outcome {
		switch {
		case fault.KindOf(err) == fault.Conflict:
			return ticket.Outcome{Ticket: tk}
		case err != nil:
			t.Fatal(err)
		}
		return o
	}
	status := []ticket.Status{ticket.Open, ticket.Waiting, ticket.Closed}[r.IntN(3)]
	priority := []ticket.Priority{ticket.Urgent, ticket.High, ticket.Normal, ticket.Low}[r.IntN(4)]
	staff := id.Staff(r.IntN(3))
	switch r.IntN(8) {
	case 0:
		return tk.CustomerWrote(terms, now)
	case 1:
		return settle(tk.Answer(terms, r.IntN(2) == 0, now))
	case 2:
		return tk.Resolve(now)
	case 3:
		return tk.Reopen(terms, now)
	case 4:
		return settle(tk.Change(ticket.Edit{Status: &status}, terms, now))
	case 5:
		return settle(tk.Change(ticket.Edit{Priority: &priority}, terms, now))
	case 6:
		return settle(tk.Change(ticket.Edit{Assignee: &staff}, terms, now))
	}
	return tk.Release(staff, now)
}

func TestASubjectIsTheFirstLineCut(t *testing.T) {
	for text, want := range map[string]string{
		"  Where is it?\nI ordered…":   "Where is it?",
		strings.Repeat("包", 81):        strings.Repeat("包", 79) + "…",
		strings.Repeat("包", 80) + "\n": strings.Repeat("包", 80),
	} {
		if got := ticket.SubjectOf(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
