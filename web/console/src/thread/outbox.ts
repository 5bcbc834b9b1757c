import { shallowRef } from 'vue'
import { newKey, asProblem, type Problem } from '@everdesk/client/api'
import { addEntry } from '@everdesk/client/conversations'
import { replyTicket } from '@everdesk/client/desk'
import { backoff } from '@everdesk/client/backoff'
import type { Body, Entry } from '@everdesk/client/types'

export interface Pending {
  client_id: string
  conversation_id: string
  /** Set when the answer goes out as a ticket reply, to the customer's address. */
  ticket_id?: string
  kind: 'message' | 'note'
  body: Body
  reply_to?: number
  at: string
  /** queued: no network, goes out by itself. failed: refused, a person decides. */
  state: 'sending' | 'queued' | 'failed'
  problem?: Problem
}

/** Sends one; answers the entry when the server tells it. */
export type Sender = (pending: Pending) => Promise<Entry | undefined>

/** What the outbox needs of a browser's storage. */
export type Shelf = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>

/**
 * What has been written and not yet acknowledged. Each conversation is sent in
 * order, one at a time; the same client_id is used for every try, so trying
 * again cannot say a thing twice. With a shelf, what waits outlives the page;
 * several pages of one person may share it.
 */
export class Outbox {
  readonly pending = shallowRef<Pending[]>([])
  private readonly busy = new Set<string>()
  private attempt = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private owner = ''
  private shelf: Shelf | undefined

  constructor(
    private readonly send: Sender,
    private readonly onSent: (pending: Pending, entry: Entry | undefined) => void,
  ) {}

  /** True when what waits would survive the page. */
  safe = false

  /**
   * Takes over the words of one person and forgets those of another: nobody's
   * reply leaves under somebody else's name.
   */
  keepFor(owner: string, shelf: Shelf): void {
    if (owner === this.owner) return
    clearTimeout(this.timer)
    this.owner = owner
    this.shelf = shelf
    this.safe = false
    const kept: Pending[] = []
    try {
      for (let at = 0; at < shelf.length; at++) {
        const name = shelf.key(at)
        if (!name?.startsWith(this.name(''))) continue
        const one = JSON.parse(shelf.getItem(name) ?? 'null') as Pending | null
        if (one) kept.push(one.state === 'failed' ? one : { ...one, state: 'queued' })
      }
      this.safe = true
    } catch {
      // Storage is blocked or was written by somebody else: what waits lives as long as the page.
    }
    this.pending.value = kept.sort((a, b) => (a.at < b.at ? -1 : 1))
    this.wake()
  }

  private name(clientId: string): string {
    return `everdesk.outbox.${this.owner}.${clientId}`
  }

  private store(clientId: string): void {
    if (!this.shelf) return
    const one = this.pending.value.find((pending) => pending.client_id === clientId)
    try {
      if (one) this.shelf.setItem(this.name(clientId), JSON.stringify(one))
      else this.shelf.removeItem(this.name(clientId))
    } catch {
      this.safe = false
    }
  }

  of(conversation: string): Pending[] {
    return this.pending.value.filter((one) => one.conversation_id === conversation)
  }

  add(one: Omit<Pending, 'client_id' | 'at' | 'state'>, at = new Date()): Pending {
    const pending: Pending = { ...one, client_id: newKey(), at: at.toISOString(), state: 'sending' }
    this.pending.value = [...this.pending.value, pending]
    this.store(pending.client_id)
    void this.flush(one.conversation_id)
    return pending
  }

  /** Tries everything that waits for the network; after a reconnect. */
  wake(): void {
    this.attempt = 0
    clearTimeout(this.timer)
    for (const conversation of new Set(this.pending.value.map((one) => one.conversation_id))) void this.flush(conversation)
  }

  retry(clientId: string): void {
    const one = this.pending.value.find((pending) => pending.client_id === clientId)
    if (!one) return
    this.change(clientId, { state: 'sending', problem: undefined })
    void this.flush(one.conversation_id)
  }

  discard(clientId: string): void {
    this.pending.value = this.pending.value.filter((one) => one.client_id !== clientId)
    this.store(clientId)
  }

  private change(clientId: string, to: Partial<Pending>): void {
    this.pending.value = this.pending.value.map((one) => (one.client_id === clientId ? { ...one, ...to } : one))
    this.store(clientId)
  }

  private async flush(conversation: string): Promise<void> {
    if (this.busy.has(conversation)) return
    this.busy.add(conversation)
    try {
      for (let next = this.next(conversation); next; next = this.next(conversation)) {
        this.change(next.client_id, { state: 'sending', problem: undefined })
        try {
          const entry = await this.send(next)
          this.attempt = 0
          this.discard(next.client_id)
          this.onSent(next, entry)
        } catch (error) {
          const problem = asProblem(error)
          this.change(next.client_id, { state: problem.passing ? 'queued' : 'failed', problem })
          // What comes after a message that waits must wait behind it.
          if (!problem.passing) continue
          this.soon(problem.retryAfter)
          break
        }
      }
    } finally {
      this.busy.delete(conversation)
    }
  }

  private next(conversation: string): Pending | undefined {
    return this.of(conversation).find((one) => one.state !== 'failed')
  }

  private soon(retryAfter?: number): void {
    clearTimeout(this.timer)
    const wait = retryAfter ? retryAfter * 1000 : backoff(this.attempt++)
    this.timer = setTimeout(() => {
      for (const conversation of new Set(this.pending.value.map((one) => one.conversation_id))) void this.flush(conversation)
    }, wait)
  }
}

const heard = new Set<(pending: Pending, entry: Entry | undefined) => void>()

/** Hears of each acknowledged message until the returned function is called. */
export function onSent(listener: (pending: Pending, entry: Entry | undefined) => void): () => void {
  heard.add(listener)
  return () => heard.delete(listener)
}

export const outbox = new Outbox(
  async (pending) => {
    if (pending.ticket_id && pending.kind === 'message' && pending.body.type === 'text') {
      await replyTicket(pending.ticket_id, pending.client_id, pending.body.text)
      return undefined
    }
    const { client_id, kind, body, reply_to } = pending
    return addEntry(pending.conversation_id, { client_id, kind, body, reply_to })
  },
  (pending, entry) => {
    for (const listener of heard) listener(pending, entry)
  },
)
