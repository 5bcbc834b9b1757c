import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@everdesk/client/api'
import { Outbox, type Pending } from './outbox'

const text = (words: string) => ({ conversation_id: 'c', kind: 'message' as const, body: { type: 'text' as const, text: words } })
const words = (one: Pending) => (one.body.type === 'text' ? one.body.text : '')

describe('the outbox', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('sends one after another, in the order they were written', async () => {
    const sent: string[] = []
    const box = new Outbox(async (one) => (sent.push(words(one)), undefined), () => undefined)
    for (const each of ['1', '2', '3']) box.add(text(each))
    await vi.runAllTimersAsync()
    expect(sent).toEqual(['1', '2', '3'])
    expect(box.pending.value).toEqual([])
  })
  it('waits for the network and keeps the order behind what waits', async () => {
    let down = true
    const sent: string[] = []
    const box = new Outbox(async (one) => {
      if (down) throw new Problem(0, 'network.unreachable', '')
      sent.push(words(one))
      return undefined
    }, () => undefined)
    box.add(text('1'))
    box.add(text('2'))
    await vi.advanceTimersByTimeAsync(0)
    expect(box.pending.value.map((one) => one.state)).toEqual(['queued', 'sending'])
    down = false
    box.wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual(['1', '2'])
  })
  it('tries with the same id each time, so that nothing is said twice', async () => {
    const ids = new Set<string>()
    let tries = 0
    const box = new Outbox(async (one) => {
      ids.add(one.client_id)
      if (++tries < 4) throw new Problem(503, 'desk.busy', '')
      return undefined
    }, () => undefined)
    box.add(text('1'))
    await vi.advanceTimersByTimeAsync(120_000)
    expect([tries, ids.size]).toEqual([4, 1])
  })
  it('leaves a refused one to a person and goes on with the rest', async () => {
    const sent: string[] = []
    const box = new Outbox(async (one) => {
      if (words(one) === 'bad') throw new Problem(422, 'message.invalid', 'No')
      sent.push(words(one))
      return undefined
    }, () => undefined)
    const bad = box.add(text('bad'))
    box.add(text('good'))
    await vi.runAllTimersAsync()
    expect(sent).toEqual(['good'])
    expect(box.pending.value.map((one) => one.state)).toEqual(['failed'])
    box.discard(bad.client_id)
    expect(box.pending.value).toEqual([])
  })

  const shelf = () => {
    const kept = new Map<string, string>()
    return {
      get length() { return kept.size },
      key: (at: number) => [...kept.keys()][at] ?? null,
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
      removeItem: (name: string) => void kept.delete(name),
    }
  }
  it('sends after a reload what waited before it, once and in order', async () => {
    const storage = shelf()
    const before = new Outbox(async () => { throw new Problem(0, 'network.unreachable', '') }, () => undefined)
    before.keepFor('gu', storage)
    const [one, two] = [before.add(text('1'), new Date(1)), before.add(text('2'), new Date(2))]
    await vi.advanceTimersByTimeAsync(0)
    const sent: Pending[] = []
    const after = new Outbox(async (each) => (sent.push(each), undefined), () => undefined)
    after.keepFor('gu', storage)
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.map((each) => each.client_id)).toEqual([one.client_id, two.client_id])
    expect(storage.length).toBe(0)
  })
  it('never sends one person’s words under another’s name', async () => {
    const storage = shelf()
    const sent: string[] = []
    let down = true
    const box = new Outbox(async (each) => {
      if (down) throw new Problem(0, 'network.unreachable', '')
      sent.push(words(each))
      return undefined
    }, () => undefined)
    box.keepFor('gu', storage)
    box.add(text('from Gu'))
    await vi.advanceTimersByTimeAsync(0)
    down = false
    box.keepFor('ada', storage)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([sent, box.pending.value]).toEqual([[], []])
    box.keepFor('gu', storage)
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual(['from Gu'])
  })
  it('keeps a refused one over a reload for its writer to decide', async () => {
    const storage = shelf()
    const refuse = async () => { throw new Problem(422, 'message.invalid', 'No') }
    const box = new Outbox(refuse, () => undefined)
    box.keepFor('gu', storage)
    box.add(text('bad'))
    await vi.advanceTimersByTimeAsync(0)
    const after = new Outbox(refuse, () => undefined)
    after.keepFor('gu', storage)
    expect(after.pending.value.map((each) => each.state)).toEqual(['failed'])
  })
})
