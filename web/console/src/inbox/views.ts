import type { Conversation, View } from '@everdesk/client/types'

export const views: View[] = ['mine', 'queue', 'bot', 'open', 'ticketed', 'resolved']

export const isView = (text: unknown): text is View => typeof text === 'string' && (views as string[]).includes(text)

/** Whether a row belongs in a view, as the server would say. */
export function belongs(row: Conversation, view: View, me: string, team?: string): boolean {
  if (team && row.owner.team?.id !== team) return false
  if (view === 'resolved') return row.state === 'resolved'
  if (row.state !== 'open') return false
  switch (view) {
    case 'mine':
      return row.owner.kind === 'agent' && row.owner.staff?.id === me
    case 'queue':
      return row.owner.kind === 'queue'
    case 'bot':
      return row.owner.kind === 'bot'
    case 'ticketed':
      return row.owner.kind === 'ticket'
    default:
      return true
  }
}

/** Who has waited longest comes first in the queue; elsewhere the newest activity. */
export function order(view: View): (a: Conversation, b: Conversation) => number {
  const waiting = (row: Conversation) => Date.parse(row.waiting_since ?? row.updated_at)
  const active = (row: Conversation) => Date.parse(row.last_entry?.at ?? row.updated_at)
  const by = view === 'queue' ? (a: Conversation, b: Conversation) => waiting(a) - waiting(b) : (a: Conversation, b: Conversation) => active(b) - active(a)
  return (a, b) => by(a, b) || (a.id < b.id ? 1 : -1)
}

/**
 * What a row says under the name, and who said it. While a person is wanted
 * that is what the customer wants, not the bot's or the desk's last word.
 */
export function lastWords(row: Conversation): { by?: string; text: string } {
  const said = row.last_entry
  const wanted = row.summary?.questions?.at(-1)
  const awaited = row.state === 'open' && row.owner.kind !== 'bot' && row.owner.kind !== 'none'
  if (awaited && wanted && (said?.author_kind === 'bot' || said?.author_kind === 'system')) return { text: wanted }
  return { by: said?.author_kind === 'staff' ? said.author_name : undefined, text: said?.preview ?? '' }
}

/** Until the messages are here, what the list showed of the conversation is what was seen. */
export const seenUpTo = (row: Pick<Conversation, 'last_seq'>, thread: number): number => thread || row.last_seq

export type Pressure = 'none' | 'warn' | 'bad'

/** Red once the promise is broken, amber in its last quarter, else plain. */
export function pressure(from: string | undefined, due: string | undefined, now: number): Pressure {
  if (!due) return 'none'
  const end = Date.parse(due)
  if (now >= end) return 'bad'
  const start = from ? Date.parse(from) : NaN
  return Number.isFinite(start) && end > start && (end - now) / (end - start) <= 0.25 ? 'warn' : 'none'
}
