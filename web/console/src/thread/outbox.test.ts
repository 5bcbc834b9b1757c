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
})
