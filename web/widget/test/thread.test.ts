import { describe, expect, test } from 'vitest'
import { heal } from '../src/app/heal'
import { fold, type Thread } from '../src/app/thread'
import type { Entry } from '../src/app/wire'

const entry = (seq: number, text = 't' + seq, more: Partial<Entry> = {}): Entry => ({
  conversation_id: 'cnv_1', seq, kind: 'message', author: { kind: 'staff', name: 'A' }, body: { type: 'text', text }, created_at: '2026-01-05T09:00:00.000Z', ...more,
})
const empty: Thread = { entries: [], have: 0 }
const seqs = (t: Thread) => t.entries.map((e) => e.seq)
const text = (t: Thread, seq: number) => t.entries.find((e) => e.seq === seq)?.body

describe('folding entries', () => {
  test('takes them in any order and any number of times', () => {
    let t = fold(empty, [entry(2), entry(1)])
    t = fold(t, [entry(2), entry(3), entry(3)])
    expect(seqs(t)).toEqual([1, 2, 3])
    expect(t.have).toBe(3)
  })

  test('does not believe to have what lies behind a gap', () => {
    const t = fold(fold(empty, [entry(1)]), [entry(4)])
    expect(seqs(t)).toEqual([1, 4])
    expect(t.have).toBe(1)
  })

  test('lets the desk say that a hole is none: notes are never sent', () => {
    const t = fold(fold(empty, [entry(1)]), [entry(4)], 4)
    expect(t.have).toBe(4)
  })

  test('an edit changes its target and is not shown itself', () => {
    const t = fold(empty, [entry(1, 'tyop'), entry(2, 'typo', { kind: 'edit', target: 1 })])
    expect(seqs(t)).toEqual([1])
    expect(text(t, 1)).toEqual({ type: 'text', text: 'typo' })
    expect(t.entries[0]!.edited_at).toBeTruthy()
    expect(t.have).toBe(2)
  })

  test('a recall empties its target', () => {
    const t = fold(empty, [entry(1, 'wrong room'), entry(2, '', { kind: 'recall', target: 1, body: { type: 'recalled' } })])
    expect(text(t, 1)).toEqual({ type: 'recalled' })
  })

  test('a later fact about an entry wins over what was known', () => {
    const t = fold(fold(empty, [entry(1)]), [entry(1, 't1', { delivery: { state: 'delivered' } })])
    expect(t.entries[0]!.delivery).toEqual({ state: 'delivered' })
  })
})

describe('healing a gap', () => {
  const desk = (all: Entry[], size = 2) => {
    const asked: number[] = []
    return {
      asked,
      page: async (after: number) => {
        asked.push(after)
        const rest = all.filter((e) => e.seq > after)
        return { items: rest.slice(0, size), last_seq: all.at(-1)!.seq, has_more: rest.length > size }
      },
    }
  }
  const hold = (t: Thread) => ({ now: () => t, keep: (n: Thread) => { t = n } })

  test('fetches page by page from what we have, and no entry twice', async () => {
    const d = desk([1, 2, 3, 4, 5].map((n) => entry(n))), h = hold(fold(empty, [entry(1)]))
    await heal(h.now, d.page, h.keep)
    expect(seqs(h.now())).toEqual([1, 2, 3, 4, 5])
    expect(d.asked).toEqual([1, 3])
  })

  test('closes holes that internal notes left', async () => {
    const d = desk([entry(1), entry(5), entry(9)]), h = hold(empty)
    await heal(h.now, d.page, h.keep)
    expect(h.now().have).toBe(9)
  })

  test('keeps what was pushed while a page was under way', async () => {
    const all = [1, 2, 3].map((n) => entry(n)), d = desk(all, 2), h = hold(empty)
    await heal(h.now, async (after) => {
      const got = await d.page(after)
      h.keep(fold(h.now(), [entry(7)]))
      return got
    }, h.keep)
    expect(seqs(h.now())).toEqual([1, 2, 3, 7])
  })

  test('a cut in the middle keeps the pages before it', async () => {
    const d = desk([1, 2, 3, 4].map((n) => entry(n))), h = hold(empty)
    let n = 0
    await expect(heal(h.now, (after) => (n++ ? Promise.reject(new Error('cut')) : d.page(after)), h.keep)).rejects.toThrow('cut')
    expect(seqs(h.now())).toEqual([1, 2])
    expect(h.now().have).toBe(2)
  })

  test('a desk that repeats itself does not keep us asking', async () => {
    const h = hold(empty)
    let asked = 0
    await heal(h.now, async () => { asked++; return { items: [], last_seq: 0, has_more: true } }, h.keep)
    expect(asked).toBe(1)
  })
})
