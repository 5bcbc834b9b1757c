/** The shapes the API speaks. Times are RFC 3339 text, ids opaque text. */

export interface Page<T> {
  items: T[]
  next_cursor?: string
}

export interface Person {
  id: string
  name: string
  avatar_url?: string
}

export interface Named {
  id: string
  name: string
}

export type Locale = 'zh-CN' | 'en'
export type AuthorKind = 'customer' | 'staff' | 'bot' | 'system'

export interface Author {
  kind: AuthorKind
  id?: string
  name: string
}

export interface FileRef {
  id: string
  name: string
  size: number
  media_type: string
  width?: number
  height?: number
  duration_ms?: number
  url: string
  thumbnail_url?: string
}

export interface Source {
  article_id: string
  title: string
  url?: string
  updated_at: string
}

export interface CardButton {
  label: string
  action: 'reply' | 'link'
  value: string
}

export type Facts = Record<string, unknown>

export type Body =
  | { type: 'text'; text: string }
  | { type: 'image' | 'file' | 'audio' | 'video'; file: FileRef; caption?: string }
  | { type: 'card'; title: string; text?: string; image_url?: string; buttons?: CardButton[] }
  | { type: 'choices'; text: string; choices: { label: string; value: string }[] }
  | { type: 'answer'; text: string; sources?: Source[]; feedback?: 'up' | 'down' }
  | { type: 'steps'; title: string; steps: { text: string; image_url?: string }[] }
  | { type: 'location'; lat: number; lon: number; label: string }
  | { type: 'form'; form: string; fields: { name: string; label: string }[]; values?: Record<string, string> }
  | { type: 'event'; event: string; facts?: Facts }
  | { type: 'rating'; score: number; comment?: string }
  | { type: 'recalled' }

export type DeliveryState = 'queued' | 'sent' | 'delivered' | 'read' | 'failed'

export interface Delivery {
  state: DeliveryState
  reason?: string
}

export type EntryKind = 'message' | 'note' | 'transition' | 'rating' | 'edit' | 'recall'

export interface Entry {
  id: string
  conversation_id: string
  seq: number
  kind: EntryKind
  author: Author
  body: Body
  private: boolean
  client_id?: string
  reply_to?: number
  /** The entry an edit or a recall is about. */
  target?: number
  created_at: string
  edited_at?: string
  recalled_at?: string
  delivery?: Delivery
}

export type OwnerKind = 'bot' | 'queue' | 'agent' | 'ticket' | 'none'

export interface Owner {
  kind: OwnerKind
  staff?: Person
  team?: Named
  ticket?: { id: string; number: number }
}

export interface Reason {
  code: string
  text: string
}

export interface CustomerSummary {
  id: string
  name: string
  locale?: string
  tier?: string
  online?: boolean
}

export interface Summary {
  topic?: string
  questions?: string[]
  shown?: { article_id: string; title: string }[]
  refusals?: string[]
  language?: string
  waiting_seconds?: number
  turns?: number
  reason?: string
}

export type ChannelKind = 'web' | 'email' | 'sms' | 'form' | 'api'
export type Priority = 'urgent' | 'high' | 'normal' | 'low'

export interface Conversation {
  id: string
  channel: { kind: ChannelKind; account_id?: string }
  subject?: string
  locale: string
  customer: CustomerSummary
  owner: Owner
  state: 'open' | 'resolved'
  due_at?: string
  due_action?: string
  reason?: Reason
  last_seq: number
  customer_read_seq: number
  staff_read_seq: number
  unread: boolean
  owner_epoch: number
  version: number
  tags: string[]
  priority: Priority
  last_entry?: { kind: EntryKind; author_kind: AuthorKind; author_name: string; preview: string; at: string }
  waiting_since?: string
  created_at: string
  updated_at: string
  resolved_at?: string
  summary?: Summary
  queue_position?: number
  customer_online: boolean
}

export type View = 'mine' | 'queue' | 'bot' | 'open' | 'ticketed' | 'resolved'

export interface Counts {
  mine: number
  queue: number
  bot: number
  open: number
  ticketed: number
  unread: number
}

export interface EntryPage {
  items: Entry[]
  last_seq: number
  has_more: boolean
}

export interface Transition {
  id: string
  seq: number
  from: Owner
  to: Owner
  actor: Author
  reason: Reason
  at: string
}

export interface Revision {
  body: Body
  at: string
  author?: Author
}

export interface Identity {
  id: string
  kind: string
  value: string
  verified: boolean
}

export interface Customer extends CustomerSummary {
  email?: string
  phone?: string
  identities?: Identity[]
  attributes?: Record<string, unknown>
  time_zone?: string
  created_at: string
  conversations_count: number
  version: number
}

export type PresenceState = 'online' | 'away' | 'busy' | 'offline'

export interface Presence {
  state: PresenceState
  reason?: string
  since?: string
}

export interface Load {
  chat: number
  async: number
}

export type Role = 'owner' | 'admin' | 'supervisor' | 'agent' | 'trainer'

export interface Staff {
  id: string
  name: string
  email: string
  role: Role
  reach?: string
  teams: string[]
  capacity: Load
  presence: Presence
  load: Load
  active: boolean
  avatar_url?: string
  version: number
}

export interface Team {
  id: string
  name: string
  calendar_id?: string
  members: string[]
  wait_policy?: { max_wait_seconds: number; max_queue: number }
  attention_seconds?: number
  version: number
}

export interface Workspace {
  id: string
  name: string
  locale?: string
  time_zone?: string
  version?: number
}

export interface Session {
  account: { id: string; email: string; name?: string; theme?: 'system' | 'light' | 'dark' }
  staff: Staff
  workspace: Workspace
  /** All the account may switch to. */
  workspaces?: Workspace[]
  permissions: string[]
  locale: Locale
}

export interface SignedInDevice {
  id: string
  current?: boolean
  created_at: string
  last_seen_at?: string
  /** "Firefox · Linux" */
  device?: string
  address?: string
}

export interface Invitation {
  id: string
  email: string
  role: Role
  teams?: string[]
  /** Only in the answer that makes or renews it. */
  url?: string
  created_at: string
  expires_at: string
  invited_by?: Person
}

export interface ApiKey {
  id: string
  name: string
  /** The end of the key. */
  hint?: string
  scopes: string[]
  created_at: string
  last_used_at?: string
  /** Given once, in the answer that creates the key. */
  secret?: string
}

export interface AuditRow {
  id: string
  at: string
  actor: { kind: string; id?: string; name?: string }
  action: string
  object?: { kind: string; id: string; name?: string }
  before?: unknown
  after?: unknown
  address?: string
  trace?: string
  /** True once a change to the row would show. */
  chained?: boolean
}

export interface AuditIntegrity {
  chained: number
  pending: number
  intact: boolean
  broken?: { position: number; row?: string; reason: string }
}

export interface Ticket {
  id: string
  number: number
  subject: string
  priority: Priority
  status: 'open' | 'waiting' | 'resolved' | 'closed'
  queue?: Named
  assignee?: Person
  requester: CustomerSummary
  conversation_id: string
  promised_at: string
  promise_basis?: string
  channel?: ChannelKind
  locale?: string
  tags?: string[]
  created_at: string
  updated_at: string
  resolved_at?: string
  version: number
  breached: boolean
}

export type TicketView = 'open' | 'mine' | 'breached' | 'resolved' | 'all'

export interface Article {
  id: string
  kind: 'faq' | 'article'
  locale: Locale
  title: string
  variants: string[]
  body: string
  topic?: string
  status: 'draft' | 'published' | 'archived'
  version: number
  updated_at: string
  updated_by?: Person
  helpful?: { up: number; down: number }
  answered?: number
}

export interface Trial {
  decision: 'answer' | 'clarify' | 'miss' | 'handover'
  score: number
  margin: number
  coverage: number
  answer?: string
  candidates: { article_id: string; title: string; score: number }[]
}

export interface Import {
  id: string
  state: 'running' | 'done' | 'failed'
  format: string
  total: number
  done: number
  created: number
  updated: number
  bad: { row: number; reason: string }[]
}

export interface Product {
  id: string
  product_id: string
  name: string
  locale: Locale
  attributes: Record<string, unknown>
  price?: string
  image_url?: string
}

export interface Interval {
  from: string
  to: string
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

export interface Calendar {
  id: string
  name: string
  time_zone: string
  weekly: Partial<Record<Weekday, Interval[]>>
  holidays: { date: string; name: string }[]
  overrides: { date: string; intervals: Interval[] }[]
  version: number
  open_now?: boolean
  next_opening?: string
}

export interface EmailChannel {
  host: string
  port: number
  security: 'none' | 'starttls' | 'tls'
  username?: string
  password?: string
  from: string
  version: number
}

export interface SmsChannel {
  url: string
  secret?: string
  from?: string
  version: number
}

export type PreChatField = 'name' | 'email' | 'phone' | 'topic'

export interface WidgetSettings {
  key: string
  name: string
  locales: Locale[]
  brand_color: string
  on_brand_color: string
  greeting: Partial<Record<Locale, string>>
  bot_name: string
  hosts: string[]
  pre_chat: { enabled: boolean; fields: PreChatField[] }
  position: 'right' | 'left'
  show_help: boolean
  show_tickets: boolean
  offline_text: Partial<Record<Locale, string>>
  phone_shown?: string
  version: number
}

export interface Snippet {
  id: string
  key: string
  title: string
  text: string
  locale: Locale
  version: number
}

/** What the server pushes. Frames hint; the API decides. */
export type Frame =
  | { type: 'entry'; conversation_id: string; seq: number; entry: Entry }
  | { type: 'conversation'; conversation: Conversation }
  | { type: 'typing'; conversation_id: string; author: Author; until: string }
  | { type: 'read'; conversation_id: string; side: 'customer' | 'staff'; seq: number }
  | { type: 'presence'; staff_id: string; presence: Presence; load?: Load }
  | { type: 'counts'; counts: Counts }
  | { type: 'assigned'; conversation_id: string }
  | { type: 'delivery'; conversation_id: string; seq: number; delivery: Delivery }
  | { type: 'ticket'; ticket: Ticket }
