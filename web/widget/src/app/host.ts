// Who holds our session: the page that embeds us, through its loader. Messages go to one exact
// origin and are taken from that origin only. A page of its own brings its host: see page.ts.

export interface Session {
  /** Made here before the desk knows us; keys everything this browser keeps. */
  v: string
  token?: string
  name?: string
  /** The host's own id of the signed-in person, read from the signed identity. */
  sub?: string
  /** What a shop asks before the first message was answered once. */
  asked?: boolean
  /** Where a link to a ticket led. */
  conv?: string
  key?: string
}

/** What the loader tells the frame. */
export type FromHost =
  | { t: 'start'; session?: string; page?: string; locale?: string; theme?: string; open: boolean }
  | { t: 'shown'; open: boolean; page?: string }
  | { t: 'identify'; jwt: string }
  | { t: 'reset' }

export interface Host {
  embedded: boolean
  save(s: Session): void
  close(): void
  unread(n: number): void
  /** A view was opened from another one. */
  deeper(): void
  back(): void
}

/** `origin` is the embedding page's, as its loader put it into our address. */
export function framed(origin: string, on: (m: FromHost) => void, back: () => void): Host {
  const tell = (t: string, more?: object) => parent.postMessage({ t, ...more }, origin)
  addEventListener('message', (e: MessageEvent<FromHost>) => {
    if (e.source === parent && e.origin === origin) on(e.data)
  })
  tell('ready')
  return {
    embedded: true, back, deeper: () => 0,
    save: (s) => tell('save', { session: JSON.stringify(s) }),
    close: () => tell('close'),
    unread: (n) => tell('unread', { n }),
  }
}

export function session(kept?: string): Session {
  try {
    const s = JSON.parse(kept!) as Session
    if (s.v) return s
  } catch { /* first visit, or someone else's value under our name */ }
  return { v: crypto.randomUUID() }
}
