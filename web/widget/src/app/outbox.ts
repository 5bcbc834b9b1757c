import type { Body } from './wire'
import { type Place, under } from './db'

/** A thing the customer said or did that the desk has not acknowledged yet. */
export interface Op {
  v: string
  /** Order of writing; also the order of sending. */
  n: number
  /** The conversation, or `new:...` for one the desk does not know yet. */
  conv: string
  client_id: string
  kind: 'message' | 'handover' | 'rating' | 'feedback'
  body?: Body
  /** Goes to the desk beside the body: form answers before a chat, a score, a mark. */
  extra?: Record<string, unknown>
  /** An attachment that is still to be uploaded; the body names it once it is. */
  blob?: Blob
  name?: string
  state: 'queued' | 'sending' | 'failed'
  reason?: string
}

/** What became of one attempt. `moved`: the desk knows the conversation by this id from now on. */
export type Outcome = { moved?: string } | { again: number } | { failed: string }

export interface Post {
  send(op: Op): Promise<Outcome>
  changed(): void
  /** Called when sending stopped with work left; `after` is what the desk asked for, in ms, or 0. */
  stalled(after: number): void
}

/**
 * Sends in the order of writing and forgets only what was acknowledged. Everything is stored before
 * it is first sent, and carries a client_id, so a lost answer or a closed tab leads to a repeat that
 * the desk recognises, never to a loss.
 */
export class Outbox {
  ops: Op[] = []
  private running?: Promise<void>
  private last = 0
  private gone = new Set<number>()
  constructor(public v: string, private place: Place, private post: Post) {}

  async load() {
    const kept = await this.place.all<Op>('outbox', under(this.v))
    // What was said while it was being read stays as it is, what was acknowledged meanwhile stays gone.
    this.ops = [...kept.filter((op) => !this.gone.has(op.n) && !this.ops.some((x) => x.n === op.n)).map((op) => ({ ...op, state: op.state === 'failed' ? op.state : 'queued' as const })), ...this.ops]
    // A clock that was set back must not number new words before old ones.
    this.last = Math.max(this.last, ...this.ops.map((op) => op.n))
  }

  async add(op: Pick<Op, 'conv' | 'kind'> & Partial<Op>) {
    // The clock keeps two tabs of one visitor apart; within a tab the numbers only rise.
    this.last = Math.max(Date.now(), this.last + 1)
    const full: Op = { ...op, v: this.v, n: this.last, client_id: crypto.randomUUID(), state: 'queued' }
    this.ops.push(full)
    this.post.changed()
    await this.place.put('outbox', full)
    void this.flush()
  }

  /** Takes back what was not sent; too late while it is on its way. */
  async withdraw(n: number) {
    if (this.ops.some((op) => op.n === n && op.state !== 'sending')) await this.forget(n)
  }

  async retry(n: number) {
    await this.set(n, { state: 'queued' })
    void this.flush()
  }

  flush(): Promise<void> {
    return this.running ??= this.drain().finally(() => { this.running = undefined })
  }

  private async drain() {
    for (let op: Op | undefined; (op = this.ops.find((x) => x.state === 'queued'));) {
      const { n, conv } = op
      await this.set(n, { state: 'sending' })
      const out = await this.post.send(op)
      if ('again' in out) {
        await this.set(n, { state: 'queued' })
        return this.post.stalled(out.again)
      }
      if ('failed' in out) {
        await this.set(n, { state: 'failed', reason: out.failed })
        continue
      }
      // Followers learn the new id before the first one is forgotten: a crash between leaves a repeat, not an orphan.
      if (out.moved) for (const x of this.ops) if (x.conv === conv && x.n !== n) await this.set(x.n, { conv: out.moved })
      await this.forget(n)
    }
  }

  async set(n: number, change: Partial<Op>) {
    const op = this.ops.find((x) => x.n === n)
    if (!op) return
    Object.assign(op, change)
    this.post.changed()
    await this.place.put('outbox', op)
  }

  private async forget(n: number) {
    this.gone.add(n)
    this.ops = this.ops.filter((op) => op.n !== n)
    this.post.changed()
    await this.place.drop('outbox', [this.v, n])
  }
}
