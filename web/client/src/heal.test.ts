import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EntryLog, Healer } from './heal'
import type { Entry } from './types'

const entry = (seq: number, more: Partial<Entry> = {}): Entry => ({
  id: `e${seq}`, conversation_id: 'c', seq, kind: 'message', author: { kind: 'customer', name: 'Ann' }, body: { type: 'text', text: `t${seq}` },
  private: false, created_at: '2026-11-20T08:00:00Z', ...more,
})
const seqs = (log: EntryLog) => log.entries.map((one) => one.seq)

describe('a log of entries', () => {
  it('shows a prefix, whatever order frames come in', () => {
    const log = new EntryLog()
    log.add([entry(1)])
    expect(log.add([entry(3)])).toEqual([])
    expect(log.torn).toBe(true)
    expect(log.add([entry(2)]).map((one) => one.seq)).toEqual([2, 3])
    expect(log.torn).toBe(false)
  })
  it('is not moved by a frame it has', () => {
    const log = new EntryLog()
    log.add([entry(1), entry(2)])
    expect(log.add([entry(2)])).toEqual([])
    expect(seqs(log)).toEqual([1, 2])
  })
  it('takes a newer delivery state and keeps one it knew', () => {
    const log = new EntryLog()
    log.add([entry(1, { delivery: { state: 'sent' } })])
    log.add([entry(1)])
    expect(log.find(1)?.delivery).toEqual({ state: 'sent' })
    log.add([entry(1, { delivery: { state: 'read' } })])
    expect(log.find(1)?.delivery).toEqual({ state: 'read' })
  })
  it('begins where the last page begins and goes on from there', () => {
    const log = new EntryLog()
    log.reset([entry(51), entry(52)], 52)
    expect(log.first).toBe(51)
    log.prepend([entry(49), entry(50), entry(51)])
    expect(seqs(log)).toEqual([49, 50, 51, 52])
    log.add([entry(53)])
    expect(log.last).toBe(53)
  })
  it('lets an edit change the entry it is about', () => {
    const log = new EntryLog()
    log.add([entry(1), entry(2, { kind: 'edit', target: 1, body: { type: 'text', text: 'better' } })])
    expect(log.find(1)?.body).toEqual({ type: 'text', text: 'better' })
    expect(log.find(1)?.edited_at).toBeDefined()
  })
  it('lets a recall take the words away', () => {
    const log = new EntryLog()
    log.add([entry(1), entry(2, { kind: 'recall', target: 1 })])
    expect(log.find(1)?.body).toEqual({ type: 'recalled' })
  })
})

describe('healing', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const server = (all: Entry[], limit = 100) => {
    const asked: number[] = []
    return {
      asked,
      after: async (seq: number) => {
        asked.push(seq)
        const rest = all.filter((one) => one.seq > seq)
        return { items: rest.slice(0, limit), last_seq: all.length, has_more: rest.length > limit }
      },
    }
  }

  it('fetches what a gap hides, and only then shows what lay beyond it', async () => {
    const log = new EntryLog()
    log.add([entry(1)])
    const source = server([entry(1), entry(2), entry(3), entry(4)])
    const shown: number[] = []
    const healer = new Healer(log, source, (entries) => shown.push(...entries.map((one) => one.seq)))
    healer.frame(entry(4))
    expect(shown).toEqual([])
    await vi.runAllTimersAsync()
    expect(shown).toEqual([2, 3, 4])
    expect(source.asked).toEqual([1])
  })
  it('walks page after page', async () => {
    const log = new EntryLog()
    const source = server([1, 2, 3, 4, 5].map((seq) => entry(seq)), 2)
    await new Healer(log, source, () => undefined).heal()
    expect(seqs(log)).toEqual([1, 2, 3, 4, 5])
    expect(source.asked).toEqual([0, 2, 4])
  })
  it('asks once more when told so while asking', async () => {
    const log = new EntryLog()
    const all = [entry(1)]
    const source = server(all)
    const healer = new Healer(log, source, () => undefined)
    const first = healer.heal()
    all.push(entry(2))
    void healer.heal()
    await first
    expect(seqs(log)).toEqual([1, 2])
  })
  it('does not spin on a server that says more and sends nothing', async () => {
    let asked = 0
    const healer = new Healer(new EntryLog(), { after: async () => (asked++, { items: [], last_seq: 9, has_more: true }) }, () => undefined)
    await healer.heal()
    expect(asked).toBe(1)
  })
  it('tries again, later and later, until the network is back', async () => {
    const log = new EntryLog()
    let down = 3
    const good = server([entry(1)])
    const healer = new Healer(log, { after: (seq) => (down-- > 0 ? Promise.reject(new Error('down')) : good.after(seq)) }, () => undefined)
    void healer.heal()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(seqs(log)).toEqual([1])
  })
  it('stops for good when its conversation is closed', async () => {
    let asked = 0
    const healer = new Healer(new EntryLog(), { after: () => (asked++, Promise.reject(new Error('down'))) }, () => undefined)
    void healer.heal()
    await vi.advanceTimersByTimeAsync(0)
    healer.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(1)
  })
})
