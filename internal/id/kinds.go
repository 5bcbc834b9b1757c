package id

type workspace struct{}

func (workspace) prefix() string { return "wsp" }

// Workspace is the number of one tenant.
type Workspace = ID[workspace]

type account struct{}

func (account) prefix() string { return "acc" }

// Account is the number of a person who can sign in, across workspaces.
type Account = ID[account]

type staff struct{}

func (staff) prefix() string { return "stf" }

// Staff is the number of an account's membership of one workspace.
type Staff = ID[staff]

type team struct{}

func (team) prefix() string { return "tea" }

// Team is the number of a group of staff with a queue.
type Team = ID[team]

type session struct{}

func (session) prefix() string { return "ses" }

// Session is the number of a signed-in browser.
type Session = ID[session]

type apiKey struct{}

func (apiKey) prefix() string { return "key" }

// APIKey is the number of a program's key.
type APIKey = ID[apiKey]

type invitation struct{}

func (invitation) prefix() string { return "inv" }

// Invitation is the number of an invitation to join a workspace.
type Invitation = ID[invitation]

type customer struct{}

func (customer) prefix() string { return "cus" }

// Customer is the number of somebody who asks.
type Customer = ID[customer]

type identity struct{}

func (identity) prefix() string { return "idt" }

// Identity is the number of one address a customer is reached at or known by.
type Identity = ID[identity]

type conversation struct{}

func (conversation) prefix() string { return "cnv" }

// Conversation is the number of a customer's exchange with the desk.
type Conversation = ID[conversation]

type entry struct{}

func (entry) prefix() string { return "ent" }

// Entry is the number of one durable line of a conversation.
type Entry = ID[entry]

type delivery struct{}

func (delivery) prefix() string { return "dlv" }

// Delivery is the number of the sending of one entry to one identity.
type Delivery = ID[delivery]

type file struct{}

func (file) prefix() string { return "fil" }

// File is the number of an upload.
type File = ID[file]

type channel struct{}

func (channel) prefix() string { return "chn" }

// Channel is the number of an account on a channel: a widget, a mailbox, an SMS sender.
type Channel = ID[channel]

type ticket struct{}

func (ticket) prefix() string { return "tkt" }

// Ticket is the number of a promise with a number.
type Ticket = ID[ticket]

type calendar struct{}

func (calendar) prefix() string { return "cal" }

// Calendar is the number of business hours.
type Calendar = ID[calendar]

type article struct{}

func (article) prefix() string { return "art" }

// Article is the number of a piece of knowledge: an FAQ entry or an article.
type Article = ID[article]

type product struct{}

func (product) prefix() string { return "prd" }

// Product is the number of a product in the catalogue.
type Product = ID[product]

type bulkImport struct{}

func (bulkImport) prefix() string { return "imp" }

// Import is the number of a bulk import.
type Import = ID[bulkImport]

type snippet struct{}

func (snippet) prefix() string { return "snp" }

// Snippet is the number of a quick reply.
type Snippet = ID[snippet]

type audit struct{}

func (audit) prefix() string { return "aud" }

// Audit is the number of one audited operation.
type Audit = ID[audit]

type job struct{}

func (job) prefix() string { return "job" }

// Job is the number of one durable job or timer.
type Job = ID[job]

type transition struct{}

func (transition) prefix() string { return "trn" }

// Transition is the number of one change of a conversation's owner.
type Transition = ID[transition]

type visitor struct{}

func (visitor) prefix() string { return "vis" }

// Visitor is the number of a widget visitor's token.
type Visitor = ID[visitor]

type flow struct{}

func (flow) prefix() string { return "flw" }

// Flow is the number of something the bot can do with a customer.
type Flow = ID[flow]

type connector struct{}

func (connector) prefix() string { return "cnc" }

// Connector is the number of a system flows act in.
type Connector = ID[connector]

type intent struct{}

func (intent) prefix() string { return "itn" }

// Intent is the number of something customers want.
type Intent = ID[intent]

type example struct{}

func (example) prefix() string { return "exm" }

// Example is the number of a labelled text.
type Example = ID[example]

type model struct{}

func (model) prefix() string { return "mdl" }

// Model is the number of one version of what the bot has learnt.
type Model = ID[model]

type sample struct{}

func (sample) prefix() string { return "smp" }

// Sample is the number of a text that waits for a label.
type Sample = ID[sample]

type testSet struct{}

func (testSet) prefix() string { return "tst" }

// TestSet is the number of a set of questions to test with.
type TestSet = ID[testSet]
