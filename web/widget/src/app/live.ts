// Realtime over the centrifuge JSON protocol: a socket, else a streamed POST, else server-sent
// events by POST. Frames only hint, so nothing is recovered here: whoever listens fetches what it
// missed when `up` is called.

export interface Wire { send(line: string): void; close(): void }
export interface Ears { line(text: string): void; end(code: number): void }
/** Opens one transport, sends `hello` as its first command and reports lines until it ends. */
export type Transport = (hello: string, ears: Ears) => Wire

export interface LiveOptions {
  token: string
  transports: Transport[]
  push(data: unknown): void
  up(): void
  /** Called when a connection that was up is gone, and when the desk told us not to come back. */
  down(final: boolean): void
  random?: () => number
}

const HELLO_WAIT = 6e3

/** The n-th retry waits between half and all of 0.4 s * 2^n, at most 20 s. */
export function backoff(n: number, random: () => number = Math.random, first = 400, most = 20e3): number {
  return Math.min(most, first * 2 ** Math.min(n, 16)) * (0.5 + random() / 2)
}

interface Reply {
  id?: number
  connect?: { ping?: number; pong?: boolean; session?: string; node?: string }
  push?: { pub?: { data: unknown }; disconnect?: { code: number; reconnect?: boolean } }
  error?: { code: number; temporary?: boolean }
}

/** Codes at which the desk says that coming back with the same token is pointless. */
const terminal = (code: number) => (code >= 3500 && code < 4000) || (code >= 4500 && code < 5000)

export function live(o: LiveOptions): { close(): void; kick(): void } {
  let turn = 0, tries = 0, closed = false, current = 0
  let wire: Wire | undefined, timer: ReturnType<typeof setTimeout> | undefined, quiet: typeof timer

  function open() {
    const mine = ++current
    let joined = false, silence = HELLO_WAIT, pong = false
    const watch = () => { clearTimeout(quiet); quiet = setTimeout(() => end(0), silence) }
    const end = (code: number) => {
      if (mine !== current) return
      current++
      clearTimeout(quiet)
      wire?.close()
      if (terminal(code)) closed = true
      if (joined || closed) o.down(closed)
      // A transport that never said hello is given up for the next one; one that worked is tried again.
      if (!joined) turn++
      if (!closed) timer = setTimeout(open, backoff(tries++ / (joined ? 1 : o.transports.length), o.random))
    }
    watch()
    wire = o.transports[turn % o.transports.length]!(JSON.stringify({ id: 1, connect: { token: o.token, name: 'widget' } }), {
      end,
      line(text) {
        if (mine !== current) return
        watch()
        // A ping may stand between pushes in one frame, so it is looked for line by line.
        for (const one of text.split('\n')) {
          if (!one.trim()) continue
          const m = JSON.parse(one) as Reply
          if (m.connect) {
            joined = true
            tries = 0
            pong = !!m.connect.pong
            if (m.connect.ping) silence = (m.connect.ping + 10) * 1e3
            watch()
            address(wire, m.connect.session, m.connect.node)
            o.up()
          } else if (m.push?.pub) o.push(m.push.pub.data)
          else if (m.push?.disconnect) return end(m.push.disconnect.reconnect ? 0 : m.push.disconnect.code)
          else if (m.error) return end(m.error.temporary ? 0 : 3500)
          else if (one.trim() === '{}' && pong) wire?.send('{}')
        }
      },
    })
  }

  open()
  return {
    close() { closed = true; current++; clearTimeout(timer); clearTimeout(quiet); wire?.close() },
    /** The network is back: do not wait for the timer. */
    kick() { if (!closed && timer) { clearTimeout(timer); timer = undefined; tries = 0; wire?.close(); open() } },
  }
}

interface Addressed extends Wire { at?(session: string, node: string): void }
function address(wire: Addressed | undefined, session?: string, node?: string) {
  if (session && node) wire?.at?.(session, node)
}

export function socket(url: string): Transport {
  return (hello, ears) => {
    const ws = new WebSocket(url)
    ws.onopen = () => ws.send(hello)
    ws.onmessage = (e) => ears.line(e.data as string)
    ws.onclose = (e) => ears.end(e.code)
    return { send: (line) => { if (ws.readyState === 1) ws.send(line) }, close: () => ws.close() }
  }
}

/** A response that is read while it is written; what we say goes by POST to the emulation address. */
export function streamed(url: string, emulation: string): Transport {
  return (hello, ears) => {
    const stop = new AbortController()
    let to: { session: string; node: string } | undefined
    void (async () => {
      const res = await fetch(url, { method: 'POST', body: hello, signal: stop.signal, credentials: 'omit', headers: { 'content-type': 'application/json', accept: 'application/json' } })
      if (!res.ok || !res.body) throw 0
      const reader = res.body.getReader(), decode = new TextDecoder()
      for (let rest = ''; ;) {
        const { done, value } = await reader.read()
        if (done) break
        const lines = (rest + decode.decode(value, { stream: true })).split('\n')
        rest = lines.pop()!
        for (const line of lines) ears.line(line.replace(/^data: ?/, ''))
      }
    })().catch(() => undefined).then(() => ears.end(0))
    const wire: Addressed = {
      at(session, node) { to = { session, node } },
      send(data) {
        if (to) void fetch(emulation, { method: 'POST', credentials: 'omit', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...to, data }) }).catch(() => ears.end(0))
      },
      close: () => stop.abort(),
    }
    return wire
  }
}

/** The desk's three transports in the order in which they are tried. */
export function transports(origin: string, path = '/api/v1/live'): Transport[] {
  return [socket(origin.replace(/^http/, 'ws') + path), streamed(path + '/stream', path + '/emulation'), streamed(path + '/sse', path + '/emulation')]
}
