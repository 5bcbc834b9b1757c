/**
 * The shapes the API speaks, taken from its generated document. Times are RFC
 * 3339 text, ids opaque text. Message bodies are spelled out here, because the
 * document leaves them to their own JSON schema.
 */
import type { components } from './schema'

/** A list the server calls nullable arrives as a list: call() sees to it. */
type Whole<T> = [NonNullable<T>] extends [(infer Item)[]] ? Whole<Item>[] : T extends object ? { [Key in keyof T]: Whole<T[Key]> } : T
type Schema<Name extends keyof components['schemas']> = Whole<Omit<components['schemas'][Name], '$schema'>>

export type Person = Schema<'Person'> & { avatar_url?: string }
export type Author = Schema<'Author'>
export type AuthorKind = Author['kind']
export type Delivery = Schema<'Delivery'>
export type Entry = Omit<Schema<'Entry'>, 'body'> & { body: Body }
export type EntryKind = Entry['kind']
export type EntryPage = Omit<Schema<'StretchEntry'>, 'items'> & { items: Entry[] }
export type Revision = Omit<Schema<'EntryVersion'>, 'body'> & { body: Body }
export type Owner = Schema<'Owner'>
export type Reason = Schema<'Reason'>
export type Summary = Schema<'Summary'>
export type Conversation = Schema<'Conversation'>
export type SearchHit = Schema<'SearchHit'>
export type SearchIndex = Schema<'SearchIndex'>
export type CustomerSummary = Schema<'CustomerSummary'>
export type ChannelKind = Conversation['channel']['kind']
export type Priority = Conversation['priority']
export type Counts = Schema<'Counts'>
export type Transition = Schema<'Transition'>
export type Customer = Schema<'Customer'>
export type Presence = Schema<'Presence'>
/** A member as colleagues see them: state is offline while no page of theirs is open. */
export type Present = Schema<'Present'>
export type PresenceState = Presence['state']
export type Load = Schema<'Load'>
export type Staff = Schema<'Staff'> & { avatar_url?: string }
export type Role = Staff['role']
export type Team = Schema<'Team'>
export type Workspace = Schema<'Workspace'>
export type Session = Schema<'Session'>
export type SignedInDevice = Schema<'Device'>
export type Invitation = Schema<'Invitation'> & { role: Role }
export type ApiKey = Schema<'APIKey'>
export type AuditRow = Schema<'AuditRow'>
export type AuditIntegrity = Schema<'Integrity'>
export type Ticket = Schema<'Ticket'>
export type Article = Schema<'Article'> & { locale: Locale }
export type Topic = Schema<'Topic'>
export type Flow = Schema<'Flow'>
export type FlowDraft = Flow & { document: Record<string, unknown> }
export type FlowVersion = Omit<Schema<'FlowVersion'>, 'document'> & { document?: Record<string, unknown> }
export type FlowProblem = Schema<'FlowProblem'>
export type Connector = Schema<'Connector'>
export type Import = Schema<'Import'>
export type Product = Schema<'Product'>
export type Interval = Schema<'Interval'>
export type Calendar = Schema<'Calendar'>
/** What the bot would do with a question. */
export type Trial = Schema<'Rehearsal'>
/** What came of a test message; detail is the server's own words. */
export type ChannelTrial = Schema<'Trial'>
export type EmailChannel = Schema<'EmailChannel'>
export type SmsChannel = Schema<'SMSChannel'>
export type WidgetSettings = Schema<'Widget'>
export type PreChatField = WidgetSettings['pre_chat']['fields'][number]
export type Snippet = Schema<'Snippet'>

export interface Page<T> {
  items: T[]
  next_cursor?: string
}

export interface Named {
  id: string
  name: string
}

export type Locale = 'zh-CN' | 'en'
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

export type View = 'mine' | 'queue' | 'bot' | 'open' | 'ticketed' | 'resolved'

export type TicketView = 'open' | 'mine' | 'breached' | 'resolved' | 'all'

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** What the server pushes. Frames hint; the API decides. */
export type Frame =
  | { type: 'entry'; conversation_id: string; seq: number; entry: Entry }
  | { type: 'conversation'; conversation: Conversation }
  /** Rows of a busy list; with more, there are others to be asked for. */
  | { type: 'conversations'; conversations: Conversation[]; more: boolean }
  | { type: 'typing'; conversation_id: string; author: Pick<Author, 'kind' | 'name'>; until: string }
  | { type: 'viewing'; conversation_id: string; staff: Named; until: string }
  | { type: 'read'; conversation_id: string; side: 'customer' | 'staff'; seq: number }
  | { type: 'presence'; staff_id: string; presence: Present }
  | { type: 'assigned'; conversation_id: string }
  | { type: 'delivery'; conversation_id: string; seq: number; delivery: Delivery }
  | { type: 'ticket'; ticket_id: string; number?: number }
