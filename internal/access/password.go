package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"everdesk/internal/fault"
)

// Cost is what one password hash takes.
type Cost struct {
	// Memory is in KiB.
	Memory uint32
	Passes uint32
}

// SaneCost takes about 30 ms of one core and 19 MiB: slow for somebody with a
// stolen database, quick for somebody at the door.
var SaneCost = Cost{Memory: 19 << 10, Passes: 2}

// Passwords hashes with argon2id, a few at a time: a crowd at the door waits in
// line instead of taking all memory. Safe for concurrent use.
type Passwords struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int64
	nobody  string
}

const (
	saltSize, hashSize = 16, 32
	// mostWaiting is how many wait for each slot before new ones are refused.
	mostWaiting = 32
)

// NewPasswords returns a hasher that works on up to parallel passwords at once.
func NewPasswords(cost Cost, parallel int) *Passwords {
	p := &Passwords{cost: cost, slots: make(chan struct{}, max(1, parallel))}
	p.nobody = p.encode(random(saltSize), random(hashSize))
	return p
}

// Hash returns the stored form of a password, cost and salt included. It
// returns fault.ErrBusy when too many are waiting.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := random(saltSize)
	hash, err := p.run(ctx, password, salt, p.cost)
	if err != nil {
		return "", err
	}
	return p.encode(salt, hash), nil
}

// Check reports whether password has the stored form. Without one (nobody has
// this mail address) it takes the same time and says no. Stale says that the
// stored form was made at another cost and should be made again.
func (p *Passwords) Check(ctx context.Context, stored, password string) (ok, stale bool, err error) {
	known := stored != ""
	if !known {
		stored = p.nobody
	}
	cost, salt, want, err := decode(stored)
	if err != nil {
		return false, false, err
	}
	if len(password) > 256 {
		password = password[:256]
	}
	hash, err := p.run(ctx, password, salt, cost)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(hash, want) == 1 && known
	return ok, ok && cost != p.cost, nil
}

func (p *Passwords) run(ctx context.Context, password string, salt []byte, cost Cost) ([]byte, error) {
	if p.waiting.Add(1) > int64(cap(p.slots)*mostWaiting) {
		p.waiting.Add(-1)
		return nil, fault.ErrBusy.After(2 * time.Second)
	}
	defer p.waiting.Add(-1)
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, fault.ErrUnavailable.Because(ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, cost.Passes, cost.Memory, 1, hashSize), nil
}

var base = base64.RawStdEncoding

func (p *Passwords) encode(salt, hash []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s",
		argon2.Version, p.cost.Memory, p.cost.Passes, base.EncodeToString(salt), base.EncodeToString(hash))
}

func decode(stored string) (cost Cost, salt, hash []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return cost, nil, nil, fmt.Errorf("access: a stored password has an unknown form")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &cost.Memory, &cost.Passes); err != nil {
		return cost, nil, nil, fmt.Errorf("access: a stored password has no cost: %w", err)
	}
	if salt, err = base.DecodeString(parts[4]); err != nil {
		return cost, nil, nil, fmt.Errorf("access: a stored password has no salt: %w", err)
	}
	if hash, err = base.DecodeString(parts[5]); err != nil || len(hash) != hashSize {
		return cost, nil, nil, fmt.Errorf("access: a stored password has no hash")
	}
	return cost, salt, hash, nil
}

func random(size int) []byte {
	bytes := make([]byte, size)
	rand.Read(bytes)
	return bytes
}
