package event

import "everdesk/internal/id"

// CustomerCreated says that somebody new asks.
type CustomerCreated struct {
	Customer id.Customer `json:"customer"`
}

// Kind is "customer.created".
func (CustomerCreated) Kind() string { return "customer.created" }

// CustomersMerged says that two customers turned out to be one.
type CustomersMerged struct {
	From id.Customer `json:"from"`
	Into id.Customer `json:"into"`
}

// Kind is "customer.merged".
func (CustomersMerged) Kind() string { return "customer.merged" }

// CustomerChanged says that a customer has another name or other attributes.
type CustomerChanged struct {
	Customer id.Customer `json:"customer"`
}

// Kind is "customer.changed".
func (CustomerChanged) Kind() string { return "customer.changed" }
