import type { Author, Entry } from '@everdesk/client/types'
import type { Pending } from './outbox'

export type Side = 'in' | 'out' | 'bot' | 'note'

export interface Bubble {
  key: string
  entry?: Entry
  pending?: Pending
}

export type Item =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string }
  | { kind: 'event'; key: string; entry: Entry; /** The same said again later, in one line. */ again?: Entry }
  | { kind: 'rating'; key: string; entry: Entry }
  | { kind: 'group'; key: string; side: Side; author: Author; bubbles: Bubble[]; at: string }

/** Messages of one speaker this close together share one line of name and time. */
const together = 3 * 60_000

/**
 * What a thread shows, top to bottom: days, events as hairlines, and messages
 * grouped by speaker. Edits and recalls have no line of their own, for the
 * message they are about shows them. What is still being sent comes last, each
 * on its own, because each has its own state under it.
 *
 * unreadAfter is the seq the reader had seen when the thread was opened.
 */
export function arrange(entries: Entry[], pending: Pending[], me: Author, dayOf: (at: string) => string, unreadAfter?: number): Item[] {
  const items: Item[] = []
  let day = ''
  let marked = unreadAfter === undefined

  const startDay = (at: string) => {
    const its = dayOf(at)
    if (its === day) return
    day = its
    items.push({ kind: 'day', key: `day-${its}`, at })
  }

  const say = (side: Side, author: Author, at: string, bubble: Bubble) => {
    const last = items.at(-1)
    if (
      last?.kind === 'group' &&
      !bubble.pending &&
      last.side === side &&
      last.author.kind === author.kind &&
      last.author.id === author.id &&
      Date.parse(at) - Date.parse(last.at) <= together
    ) {
      last.bubbles.push(bubble)
      last.at = at
      return
    }
    items.push({ kind: 'group', key: bubble.key, side, author, bubbles: [bubble], at })
  }

  const arrived = new Set<string>()
  for (const entry of entries) {
    if (entry.client_id) arrived.add(entry.client_id)
    if (entry.kind === 'edit' || entry.kind === 'recall') continue
    const before = items.at(-1)
    if (reminds(entry) && before?.kind === 'event' && reminds(before.entry)) {
      before.again = entry
      continue
    }
    startDay(entry.created_at)
    if (!marked && unreadAfter !== undefined && entry.seq > unreadAfter && entry.author.kind === 'customer') {
      marked = true
      items.push({ kind: 'unread', key: 'unread' })
    }
    if (entry.kind === 'transition' || entry.body.type === 'event') items.push({ kind: 'event', key: entry.id, entry })
    else if (entry.kind === 'rating' || entry.body.type === 'rating') items.push({ kind: 'rating', key: entry.id, entry })
    else say(sideOf(entry), entry.author, entry.created_at, { key: entry.client_id ?? entry.id, entry })
  }
  for (const one of pending) {
    if (arrived.has(one.client_id)) continue
    startDay(one.at)
    say(one.kind === 'note' ? 'note' : 'out', me, one.at, { key: one.client_id, pending: one })
  }
  return items
}

/** A broken promise is told every few hours until somebody acts; one line says since when, and when last. */
const reminds = (entry: Entry): boolean => entry.body.type === 'event' && entry.body.event === 'overdue'

export function sideOf(entry: Entry): Side {
  if (entry.kind === 'note' || entry.private) return 'note'
  if (entry.author.kind === 'customer') return 'in'
  return entry.author.kind === 'staff' ? 'out' : 'bot'
}
