package connector

import (
	"time"

	"everdesk/internal/id"
)

// Connector is a connector as it is kept.
type Connector struct {
	ID       id.Connector
	Document Document
	// Secrets are the names of those that are set, never the secrets.
	Secrets   []string
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}
