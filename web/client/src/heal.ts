import { backoff } from './backoff'
import type { Entry } from './types'

/**
 * The entries of one conversation, without holes.
 *
 * Frames may be lost, doubled or out of order; entries may also arrive as the
 * answer to a send before their frame does. The log holds back what lies
 * beyond a hole until the hole has been fetched, so a reader sees a prefix of
 * the truth and never a torn one.
 */
export class EntryLog {
  /** Ascending and gap-free from first to last. */
  readonly entries: Entry[] = []
  private ahead = new Map<number, Entry>()

  /** The highest seq up to which nothing is missing. */
  get last(): number {
    return this.entries.at(-1)?.seq ?? this.floor
  }

  get first(): number {
    return this.entries[0]?.seq ?? this.floor + 1
  }

  /** What is known to exist above floor is part of the log; below it lies history not loaded. */
  constructor(private floor = 0) {}

  /** True while something beyond a hole is held back. */
  get torn(): boolean {
    return this.ahead.size > 0
  }

  /** Starts anew from a page of consecutive entries that ends the conversation. */
  reset(page: Entry[], lastSeq: number): void {
    this.entries.length = 0
    this.floor = page.length > 0 ? (page[0]?.seq ?? 1) - 1 : lastSeq
    this.add(page)
  }

  /** Takes entries in any order; answers those that became visible. */
  add(arrived: Entry[]): Entry[] {
    for (const entry of arrived) {
      if (entry.seq <= this.last) this.replace(entry)
      else this.ahead.set(entry.seq, entry)
    }
    const shown: Entry[] = []
    for (let next = this.ahead.get(this.last + 1); next; next = this.ahead.get(this.last + 1)) {
      this.ahead.delete(next.seq)
      this.entries.push(next)
      this.amend(next)
      shown.push(next)
    }
    return shown
  }

  /** Puts older history in front; it must end where the log begins. */
  prepend(older: Entry[]): void {
    const fresh = older.filter((entry) => entry.seq < this.first)
    if (fresh.length === 0) return
    this.entries.unshift(...fresh)
    this.floor = this.first - 1
  }

  find(seq: number): Entry | undefined {
    const at = seq - this.first
    const direct = this.entries[at]
    return direct?.seq === seq ? direct : this.entries.find((entry) => entry.seq === seq)
  }

  private replace(entry: Entry): void {
    const at = this.entries.findIndex((known) => known.seq === entry.seq)
    if (at >= 0) this.entries[at] = { ...entry, delivery: entry.delivery ?? this.entries[at]?.delivery }
  }

  /** An edit or a recall also changes the entry it is about. */
  private amend(entry: Entry): void {
    if (entry.kind !== 'edit' && entry.kind !== 'recall') return
    const at = this.entries.findIndex((known) => known.seq === entry.target)
    const target = this.entries[at]
    if (!target) return
    this.entries[at] =
      entry.kind === 'edit'
        ? { ...target, body: entry.body, edited_at: target.edited_at ?? entry.created_at }
        : { ...target, body: { type: 'recalled' }, recalled_at: target.recalled_at ?? entry.created_at }
  }
}

export interface EntrySource {
  /** The entries after seq, ascending, at most one page. */
  after(seq: number): Promise<{ items: Entry[]; last_seq: number; has_more: boolean }>
}

/**
 * Fetches what a log misses, one request at a time however many frames ask,
 * and tries again with backoff until the log is whole or the healer is closed.
 */
export class Healer {
  private running = false
  private again = false
  private closed = false
  private attempt = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly log: EntryLog,
    private readonly source: EntrySource,
    private readonly onShown: (shown: Entry[]) => void,
  ) {}

  /** A frame came; asks the server when it leaves a hole. */
  frame(entry: Entry): void {
    const shown = this.log.add([entry])
    if (shown.length > 0 || entry.seq <= this.log.last) this.onShown(shown)
    if (this.log.torn) void this.heal()
  }

  /** Fetches everything after what is known; after a reconnect or a poll tick. */
  async heal(): Promise<void> {
    if (this.closed) return
    if (this.running) {
      this.again = true
      return
    }
    this.running = true
    clearTimeout(this.timer)
    try {
      for (let more = true; more && !this.closed; ) {
        this.again = false
        const page = await this.source.after(this.log.last)
        if (this.closed) return
        const shown = this.log.add(page.items)
        this.onShown(shown)
        // A server that says "more" but sends nothing new must not spin us.
        more = (page.has_more && shown.length > 0) || this.again
      }
      this.attempt = 0
    } catch {
      if (!this.closed) this.timer = setTimeout(() => void this.heal(), backoff(this.attempt++))
    } finally {
      this.running = false
    }
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }
}
