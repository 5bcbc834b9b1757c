// The client API as the widget uses it. Only the fields that are read here are named.

export type AuthorKind = 'customer' | 'staff' | 'bot' | 'system'
export type Delivery = 'queued' | 'sent' | 'delivered' | 'read' | 'failed'

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

export interface Source { article_id: string; title: string; url?: string; updated_at: string }
export interface FormField { name: string; label: string; type?: string; required?: boolean; options?: { label: string; value: string }[] }

export type Body =
  | { type: 'text'; text: string }
  | { type: 'image' | 'file' | 'audio' | 'video'; file: FileRef; caption?: string }
  | { type: 'card'; title: string; text?: string; image_url?: string; buttons: { label: string; action: 'reply' | 'link'; value: string }[] }
  | { type: 'choices'; text: string; choices: { label: string; value: string }[] }
  | { type: 'answer'; text: string; sources: Source[]; feedback?: 'up' | 'down' }
  | { type: 'steps'; title: string; steps: { text: string; image_url?: string }[] }
  | { type: 'location'; lat: number; lon: number; label: string }
  | { type: 'form'; form: string; fields: FormField[]; values?: Record<string, string> }
  | { type: 'event'; event: string; facts: Record<string, unknown> }
  | { type: 'rating'; score: number; comment?: string }
  | { type: 'recalled' }

export type RichBody = Exclude<Body, { type: 'text' | 'choices' | 'answer' | 'event' | 'rating' | 'recalled' }>

export interface Entry {
  conversation_id: string
  seq: number
  kind: 'message' | 'note' | 'transition' | 'rating' | 'edit' | 'recall'
  author: { kind: AuthorKind; id?: string; name: string }
  body: Body
  client_id?: string
  target?: number
  created_at: string
  edited_at?: string
  recalled_at?: string
  delivery?: { state: Delivery; reason?: string }
}

export interface TicketRef { id: string; number: number; promised_at?: string }
export interface Ticket extends TicketRef { status: 'open' | 'waiting' | 'resolved' | 'closed'; promised_at: string; subject: string; conversation_id: string; created_at: string; assignee?: { name: string }; queue?: { name: string } }

export interface Conversation {
  id: string
  state: 'open' | 'resolved'
  owner: { kind: 'bot' | 'queue' | 'agent' | 'ticket' | 'none'; agent_name?: string; agent_avatar?: string }
  last_seq: number
  read_seq?: number
  staff_read_seq: number
  ticket?: TicketRef
  queue?: { position: number; wait_seconds_low?: number; wait_seconds_high?: number; basis: string }
  rating?: number
  last_entry?: { preview: string; at: string }
  contact_needed: boolean
  created_at: string
}

export interface Config {
  name: string
  brand_color?: string
  on_brand_color?: string
  greeting?: string | Record<string, string>
  bot_name?: Record<string, string>
  locales?: string[]
  position?: 'left' | 'right'
  pre_chat?: { enabled: boolean; fields: ('name' | 'email' | 'phone' | 'topic')[] }
  hours?: { open_now: boolean; next_opening?: string; time_zone?: string }
  phone_shown?: string
  offline_text?: string | Record<string, string>
  show_help?: boolean
  show_tickets?: boolean
  features?: { help?: boolean; tickets?: boolean }
}

export interface HelpItem { article_id: string; title: string; snippet: string; body?: string; updated_at?: string }
export interface Visitor { token?: string; visitor?: { customer_id: string; name: string }; expires_at?: string }

export type Publication =
  | { type: 'entry'; conversation_id: string; seq: number; entry: Entry }
  | { type: 'conversation'; conversation_id: string }
  | { type: 'typing'; conversation_id: string; author: { kind: AuthorKind; name: string }; until: string }
  | { type: 'read'; conversation_id: string; side: 'customer' | 'staff'; seq: number }
  | { type: 'delivery'; conversation_id: string; seq: number; delivery: { state: Delivery; reason?: string } }
  | { type: 'ticket'; ticket_id: string }

/** The desk said no, or (status 0) said nothing. `after` is Retry-After in ms. */
export class Refused extends Error {
  /** Worth sending the same request again later. */
  passing: boolean
  constructor(readonly status: number, readonly told: { code?: string; title?: string; detail?: string } = {}, readonly after = 0) {
    super(told.detail ?? told.title)
    this.passing = !status || status > 499 || status === 429 || status === 408
  }
}

export interface Ask { body?: unknown; token?: string; locale?: string; key?: string }

/** Reads a problem document; a proxy's HTML page in its place is no reason to fail twice. */
export function refusal(status: number, text: string, after: string | null): Refused {
  try { return new Refused(status, JSON.parse(text) as Refused['told'], Number(after) * 1e3) } catch { return new Refused(status) }
}

/** One request to the client API. Throws Refused, nothing else. */
export async function ask<T>(path: string, { body, token, locale, key }: Ask): Promise<T> {
  const headers: Record<string, string> = { 'accept-language': locale ?? '', 'content-type': 'application/json' }
  if (token) headers.authorization = 'Bearer ' + token
  if (key) headers['idempotency-key'] = key
  let res: Response, text: string
  try {
    res = await fetch('/api/v1/client' + path, { method: body ? 'POST' : 'GET', headers, signal: AbortSignal.timeout(15e3), credentials: 'omit', body: body ? JSON.stringify(body) : undefined })
    text = await res.text()
  } catch {
    throw new Refused(0)
  }
  if (!res.ok) throw refusal(res.status, text, res.headers.get('retry-after'))
  try { return (text ? JSON.parse(text) : undefined) as T } catch { throw new Refused(0) }
}
