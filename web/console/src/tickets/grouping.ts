import { sameDay } from '@/shell/time'
import type { Ticket } from '@everdesk/client/types'

export type When = 'breached' | 'hour' | 'today' | 'tomorrow' | 'later' | 'settled'

const order: When[] = ['breached', 'hour', 'today', 'tomorrow', 'later', 'settled']

/** When a promise ends, seen from now, in the reader's own days. */
export function whenDue(promised: string, now: number): When {
  const end = Date.parse(promised)
  if (end <= now) return 'breached'
  if (end - now <= 3_600_000) return 'hour'
  if (sameDay(new Date(end), new Date(now))) return 'today'
  return sameDay(new Date(end), new Date(now + 86_400_000)) ? 'tomorrow' : 'later'
}

/** Whether nobody waits for an answer any more. */
const settled = (ticket: Ticket) => ticket.status === 'resolved' || ticket.status === 'closed'

/**
 * Tickets by when their promise ends, the next first, and after them the settled
 * ones, whose promises end no more; empty groups left out.
 */
export function groupByPromise(tickets: Ticket[], now: number): { when: When; tickets: Ticket[] }[] {
  const found = new Map<When, Ticket[]>()
  for (const ticket of [...tickets].sort((a, b) => Date.parse(a.promised_at) - Date.parse(b.promised_at))) {
    const when = settled(ticket) ? 'settled' : whenDue(ticket.promised_at, now)
    found.set(when, [...(found.get(when) ?? []), ticket])
  }
  return order.flatMap((when) => {
    const list = found.get(when)
    return list ? [{ when, tickets: list }] : []
  })
}

/** Red once broken, amber in the last quarter, else plain; nothing once done. */
export function strain(ticket: Ticket, now: number): 'bad' | 'warn' | undefined {
  if (settled(ticket)) return undefined
  const end = Date.parse(ticket.promised_at)
  if (end <= now) return 'bad'
  const start = Date.parse(ticket.created_at)
  return end > start && (end - now) / (end - start) <= 0.25 ? 'warn' : undefined
}
