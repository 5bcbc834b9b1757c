import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backoff, live, type Ears, type Transport } from '../src/app/live'

/** A transport that the test speaks through; it remembers what was said to it. */
function line() {
  const said: string[] = []
  const wires: { ears: Ears; hello: string; closed: boolean }[] = []
  const open: Transport = (hello, ears) => {
    const wire = { ears, hello, closed: false }
    wires.push(wire)
    return { send: (text) => said.push(text), close: () => { wire.closed = true } }
  }
  return { open, said, wires, now: () => wires.at(-1)! }
}

const CONNECTED = '{"id":1,"connect":{"client":"c","ping":25,"pong":true,"session":"s","node":"n"}}'

function start(...lines: ReturnType<typeof line>[]) {
  const pushed: unknown[] = [], ups: number[] = [], downs: boolean[] = []
  const l = live({ token: 'edv_t', transports: lines.map((x) => x.open), push: (d) => pushed.push(d), up: () => ups.push(1), down: (final) => downs.push(final), random: () => 0 })
  return { l, pushed, ups, downs }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('frames', () => {
  test('the first command carries the visitor token', () => {
    const a = line()
    start(a)
    expect(JSON.parse(a.now().hello)).toEqual({ id: 1, connect: { token: 'edv_t', name: 'widget' } })
  })

  test('a ping that stands between pushes in one frame is answered, and the pushes are taken', () => {
    const a = line(), { pushed } = start(a)
    a.now().ears.line(CONNECTED)
    a.now().ears.line('{"push":{"channel":"c","pub":{"data":{"n":1}}}}\n{}\n{"push":{"channel":"c","pub":{"data":{"n":2}}}}')
    expect(pushed).toEqual([{ n: 1 }, { n: 2 }])
    expect(a.said).toEqual(['{}'])
  })

  test('a ping alone is answered once per ping', () => {
    const a = line()
    start(a)
    a.now().ears.line(CONNECTED)
    a.now().ears.line('{}')
    a.now().ears.line('{}\n')
    expect(a.said).toEqual(['{}', '{}'])
  })

  test('pings are not answered when the desk did not ask for it', () => {
    const a = line()
    start(a)
    a.now().ears.line('{"id":1,"connect":{"client":"c","ping":25}}')
    a.now().ears.line('{}')
    expect(a.said).toEqual([])
  })

  test('silence longer than the ping interval and ten seconds ends the connection', () => {
    const a = line(), { downs } = start(a)
    a.now().ears.line(CONNECTED)
    vi.advanceTimersByTime(34_999)
    expect(downs).toEqual([])
    vi.advanceTimersByTime(2)
    expect(downs).toEqual([false])
    expect(a.wires[0]!.closed).toBe(true)
  })
})

describe('the order of transports', () => {
  test('one that never says hello is given up for the next, and the first comes round again', () => {
    const a = line(), b = line(), c = line()
    start(a, b, c)
    a.now().ears.end(1006)
    vi.advanceTimersByTime(300)
    expect([a.wires.length, b.wires.length, c.wires.length]).toEqual([1, 1, 0])
    vi.advanceTimersByTime(6_001) // b is silent
    vi.advanceTimersByTime(400)
    expect([a.wires.length, b.wires.length, c.wires.length]).toEqual([1, 1, 1])
    c.now().ears.end(0)
    vi.advanceTimersByTime(2_000)
    expect([a.wires.length, b.wires.length, c.wires.length]).toEqual([2, 1, 1])
  })

  test('one that worked is tried again first', () => {
    const a = line(), b = line(), { downs } = start(a, b)
    a.now().ears.line(CONNECTED)
    a.now().ears.end(1006)
    vi.advanceTimersByTime(300)
    expect([a.wires.length, b.wires.length]).toEqual([2, 0])
    expect(downs).toEqual([false])
  })

  test('a code that says never again is obeyed', () => {
    const a = line(), { downs } = start(a)
    a.now().ears.line(CONNECTED)
    a.now().ears.end(3500)
    vi.advanceTimersByTime(120_000)
    expect(a.wires.length).toBe(1)
    expect(downs).toEqual([true])
  })

  test('a disconnect that is pushed, as on streams, is obeyed too', () => {
    const a = line(), { downs } = start(a)
    a.now().ears.line(CONNECTED)
    a.now().ears.line('{"push":{"disconnect":{"code":3501,"reason":"bad request","reconnect":false}}}')
    vi.advanceTimersByTime(120_000)
    expect(a.wires.length).toBe(1)
    expect(downs).toEqual([true])
  })

  test('what a dead connection still says is not heard', () => {
    const a = line(), { pushed, ups } = start(a)
    const old = a.now()
    old.ears.end(1006)
    vi.advanceTimersByTime(300)
    old.ears.line(CONNECTED)
    old.ears.line('{"push":{"pub":{"data":1}}}')
    expect(pushed).toEqual([])
    expect(ups).toEqual([])
  })

  test('after the network is back nothing waits for its timer', () => {
    const a = line(), { l } = start(a)
    for (let i = 0; i < 12; i++) { a.now().ears.end(1006); vi.advanceTimersByTime(20_000) }
    a.now().ears.end(1006)
    const n = a.wires.length
    l.kick()
    expect(a.wires.length).toBe(n + 1)
  })

  test('closing ends it for good', () => {
    const a = line(), { l } = start(a)
    l.close()
    vi.advanceTimersByTime(120_000)
    expect(a.wires.length).toBe(1)
  })
})

describe('backoff', () => {
  test('lies between half and all of a doubling time, and never above its bound', () => {
    for (let n = 0; n < 40; n++) {
      const whole = Math.min(20e3, 400 * 2 ** n)
      for (const random of [0, 0.25, 0.5, 0.999999]) {
        const wait = backoff(n, () => random)
        expect(wait).toBeGreaterThanOrEqual(whole / 2)
        expect(wait).toBeLessThanOrEqual(whole)
      }
    }
  })
})
