import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, test } from 'vitest'
import { NOWHERE, place, type Place, under } from '../src/app/db'
import { Outbox, type Op, type Outcome } from '../src/app/outbox'

/** A desk that keeps one entry per client_id, as the real one does, and fails when told to. */
class Desk {
  kept: string[] = []
  calls: string[] = []
  stalls: number[] = []
  private ids = new Map<string, string>()
  next: ('lost answer' | 'away' | 'refuse')[] = []
  async take(op: Op): Promise<Outcome> {
    const text = (op.body as { text: string }).text, how = this.next.shift()
    this.calls.push(text)
    if (how === 'away') return { again: 0 }
    if (how === 'refuse') return { failed: 'no' }
    if (!this.ids.has(op.client_id)) {
      this.ids.set(op.client_id, op.conv.startsWith('new:') ? 'cnv_' + (this.ids.size + 1) : op.conv)
      this.kept.push(text + '@' + this.ids.get(op.client_id))
    }
    if (how === 'lost answer') return { again: 0 }
    return { moved: op.conv.startsWith('new:') ? this.ids.get(op.client_id) : undefined }
  }
}

let at: Place, n = 0, v = ''
const outbox = (desk: Desk, p = at) => new Outbox(v, p, { send: (op) => desk.take(op), changed: () => undefined, stalled: (after) => desk.stalls.push(after) })
const say = (o: Outbox, text: string, conv = 'cnv_9') => o.add({ conv, kind: 'message', body: { type: 'text', text } })
const stored = () => at.all<Op>('outbox', under(v))

beforeEach(async () => { at = await place(); v = 'visitor-' + ++n })

describe('the outbox', () => {
  test('sends in the order of writing, each once', async () => {
    const d = new Desk(), o = outbox(d)
    await Promise.all(['a', 'b', 'c'].map((x) => say(o, x)))
    await o.flush()
    expect(d.kept).toEqual(['a@cnv_9', 'b@cnv_9', 'c@cnv_9'])
    expect(await stored()).toEqual([])
  })

  test('repeats after a lost answer with the same client_id, so that the desk keeps it once', async () => {
    const d = new Desk(), o = outbox(d)
    d.next = ['lost answer']
    await say(o, 'a')
    await o.flush()
    await o.flush()
    expect(d.calls.length).toBeGreaterThan(1)
    expect(d.kept).toEqual(['a@cnv_9'])
    expect(o.ops).toEqual([])
  })

  test('stops at the first that does not get through: nothing overtakes it', async () => {
    const d = new Desk(), o = outbox(d)
    d.next = ['away', 'away', 'away', 'away']
    await say(o, 'a')
    await say(o, 'b')
    await o.flush()
    expect(d.kept).toEqual([])
    expect(o.ops.map((x) => x.state)).toEqual(['queued', 'queued'])
    d.next = []
    await o.flush()
    expect(d.kept).toEqual(['a@cnv_9', 'b@cnv_9'])
    expect(d.stalls.length).toBeGreaterThan(0)
  })

  test('survives a closed tab, even one closed while sending', async () => {
    const d = new Desk(), first = new Outbox(v, at, { send: () => new Promise<Outcome>(() => undefined), changed: () => undefined, stalled: () => undefined })
    await say(first, 'a')
    await say(first, 'b')
    const second = outbox(d)
    await second.load()
    expect(second.ops.map((x) => x.state)).toEqual(['queued', 'queued'])
    await second.flush()
    expect(d.kept).toEqual(['a@cnv_9', 'b@cnv_9'])
    expect(await stored()).toEqual([])
  })

  test('words written for a conversation the desk does not know yet follow it to its id', async () => {
    const d = new Desk(), o = outbox(d)
    d.next = ['away']
    await say(o, 'a', 'new:1')
    await say(o, 'b', 'new:1')
    await o.flush()
    await o.flush()
    expect(d.kept).toEqual(['a@cnv_1', 'b@cnv_1'])
  })

  test('a refused message is kept to be retried and does not hold up the next', async () => {
    const d = new Desk(), o = outbox(d)
    d.next = ['refuse']
    await say(o, 'bad')
    await say(o, 'good')
    await o.flush()
    expect(d.kept).toEqual(['good@cnv_9'])
    expect(o.ops.map((x) => [x.state, x.reason])).toEqual([['failed', 'no']])
    await o.retry(o.ops[0]!.n)
    await o.flush()
    expect(d.kept).toEqual(['good@cnv_9', 'bad@cnv_9'])
  })

  test('what was not sent can be withdrawn, what is on its way cannot', async () => {
    const d = new Desk(), o = outbox(d)
    d.next = ['away', 'away']
    await say(o, 'a')
    await o.flush()
    await o.withdraw(o.ops[0]!.n)
    expect(o.ops).toEqual([])
    expect(await stored()).toEqual([])
    let done: (x: Outcome) => void = () => undefined
    let began: () => void = () => undefined
    const underWay = new Promise<void>((ok) => { began = ok })
    const slow = new Outbox(v, at, { send: () => new Promise<Outcome>((ok) => { done = ok; began() }), changed: () => undefined, stalled: () => undefined })
    await say(slow, 'b')
    await underWay
    await slow.withdraw(slow.ops[0]!.n)
    expect(slow.ops.map((x) => x.state)).toEqual(['sending'])
    done({})
    await slow.flush()
    expect(slow.ops).toEqual([])
  })

  test('one visitor never sees what another left on the same browser', async () => {
    const d = new Desk(), o = outbox(d)
    d.next = ['away']
    await say(o, 'mine')
    await o.flush()
    v = 'somebody-else'
    const theirs = outbox(d)
    await theirs.load()
    expect(theirs.ops).toEqual([])
  })

  test('works in a browser that refuses storage', async () => {
    const d = new Desk(), o = outbox(d, NOWHERE)
    await o.load()
    await say(o, 'a')
    await o.flush()
    expect(d.kept).toEqual(['a@cnv_9'])
  })

  /** A storage whose reading takes until the test lets it end; what it answers was true when it was asked. */
  function slow() {
    let end: () => void = () => undefined
    const gate = new Promise<void>((ok) => { end = ok })
    const p: Place = { ...at, all: async <T>(store: 'outbox', range: IDBKeyRange) => { const found = await at.all<T>(store, range); await gate; return found } }
    return { p, end }
  }

  test('what is said while the storage is read stands behind what was kept, once', async () => {
    const d = new Desk()
    d.next = Array<'away'>(9).fill('away')
    const before = outbox(d)
    await say(before, 'kept')
    await before.flush()
    await new Promise((ok) => setTimeout(ok, 2))
    const { p, end } = slow()
    const o = outbox(d, p), loaded = o.load()
    await say(o, 'meanwhile')
    await o.flush()
    end()
    await loaded
    expect(o.ops.map((x) => (x.body as { text: string }).text)).toEqual(['kept', 'meanwhile'])
    d.next = []
    await o.flush()
    expect(d.kept).toEqual(['kept@cnv_9', 'meanwhile@cnv_9'])
    expect(await stored()).toEqual([])
  })

  test('what is acknowledged while the storage is read does not come back', async () => {
    const d = new Desk(), { p, end } = slow(), o = outbox(d, p)
    let acknowledge: () => void = () => undefined
    const held = new Outbox(v, p, { send: (op) => new Promise<Outcome>((ok) => { acknowledge = () => void d.take(op).then(ok) }), changed: () => undefined, stalled: () => undefined })
    await say(held, 'a')
    await new Promise((ok) => setTimeout(ok))
    const loaded = held.load()
    await at.all('outbox', under(v))
    acknowledge()
    await held.flush()
    end()
    await loaded
    expect(held.ops).toEqual([])
    await o.flush()
    expect(d.kept).toEqual(['a@cnv_9'])
  })

  test('a clock that was set back changes no order', async () => {
    const d = new Desk()
    d.next = Array<'away'>(9).fill('away')
    const before = outbox(d)
    await say(before, 'first')
    await before.flush()
    const now = Date.now
    Date.now = () => now() - 3_600_000
    try {
      const o = outbox(d)
      await o.load()
      await say(o, 'second')
      await o.flush()
      expect((await stored()).map((x) => (x.body as { text: string }).text)).toEqual(['first', 'second'])
    } finally { Date.now = now }
  })
})
