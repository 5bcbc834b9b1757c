import { under } from './db'
import { session as anew } from './host'
import { backoff, live, transports } from './live'
import { fresh, unread } from './news'
import type { Op } from './outbox'
import { at, chat, conv, emit, type Kept, s, thread } from './state'
import { admit, configure, desk, join, reach, who } from './sync'
import { heal } from './heal'
import { fold, type Thread } from './thread'
import { forget } from './mine'
import type { Conversation, Entry, Publication, Refused, Visitor } from './wire'

let wire: ReturnType<typeof live> | undefined, spoken = ''
let timer: ReturnType<typeof setTimeout> | undefined
let fails = 0

/** Keeps a line to the desk while it may have something to say: the window is open, or a matter is. */
export function watch() {
  const { token } = s.session
  const wanted = token && (s.open || s.convs.some((c) => c.state === 'open'))
  if (!wanted || token !== spoken) {
    wire?.close()
    wire = undefined
    if (s.link === 'live') s.link = 'poll'
  }
  clearTimeout(timer)
  if (!wanted) return
  spoken = token
  wire ??= live({
    token, transports: transports(location.origin), push,
    up() { s.link = 'live'; fails = 0; reach(true); emit(); refresh().catch(() => undefined) },
    down(final) { if (s.link === 'live') s.link = 'poll'; if (final) wire = undefined; emit(); poll() },
  })
  poll()
}

/** Without a line, asks now and then: often while somebody looks, less after each failure. */
function poll() {
  clearTimeout(timer)
  if (s.link === 'live') return
  timer = setTimeout(async () => {
    if (s.link === 'live') return
    try { await refresh(); fails = 0 } catch (e) { if ((e as Refused).passing) fails++ }
    poll()
  }, fails ? backoff(fails, Math.random, 2e3, 60e3) : backoff(0, Math.random, s.open ? 5e3 : 45e3, 60e3))
}

/** Listens for the network, and sets up the worker that keeps the widget usable without the desk. */
export function begin() {
  onoffline = () => reach(false)
  ononline = awake
  document.onvisibilitychange = seen
  const worker = navigator.serviceWorker
  if (!worker) return
  // From now on it keeps what the desk says of the shop, so it is asked again.
  worker.oncontrollerchange = configure
  worker.register('/w/sw.js', { scope: /^\/(w\/|h5|t\/)/.exec(location.pathname)?.[0] }).catch(() => 0)
}

/** The network came back: nothing waits for its timer. */
function awake() {
  fails = 0
  wire?.kick()
  void s.box.flush()
  refresh().catch(() => undefined)
}

export function push(data: unknown) {
  const p = data as Publication
  reach(true)
  if (p.type === 'entry') {
    const id = p.conversation_id, th = thread(id)
    s.typing.delete(id)
    if (p.seq > th.have + 1) void catchUp(id)
    else keep(id, fold(th, [p.entry]), [p.entry])
    if (!conv(id)) refresh().catch(() => undefined)
  } else if (p.type === 'conversation') look(p.conversation_id)
  else if (p.type === 'typing' && p.author.kind !== 'customer') {
    const until = Math.min(Date.parse(p.until) || Infinity, Date.now() + 8e3)
    s.typing.set(p.conversation_id, { name: p.author.name, kind: p.author.kind, until })
    setTimeout(emit, until - Date.now() + 50)
    emit()
  } else if (p.type === 'read' && p.side === 'staff') {
    const c = conv(p.conversation_id)
    if (c) learn({ ...c, staff_read_seq: Math.max(c.staff_read_seq, p.seq) })
  } else if (p.type === 'delivery') {
    const th = thread(p.conversation_id), e = th.entries.find((x) => x.seq === p.seq)
    if (e) { e.delivery = p.delivery; keep(p.conversation_id, th, [e]) }
  } else if (p.type === 'ticket') {
    forget('ticket')
    emit()
  }
}

const looks = new Map<string, boolean>()

/** The row has more in it than a hint can know, so it is asked for: once, and once more if hints came meanwhile. */
function look(id: string) {
  if (looks.has(id)) return void looks.set(id, true)
  looks.set(id, false)
  desk<Conversation>('/conversations/' + id).then(learn).catch(() => 0).finally(() => {
    const again = looks.get(id)
    looks.delete(id)
    if (again) look(id)
  })
}

/** The `sub` of a signed identity, unverified: only to notice that another person signed in. */
export function subject(jwt: string): string | undefined {
  try {
    const part = jwt.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    return (JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (c) => c.charCodeAt(0)))) as { sub?: string }).sub
  } catch {
    return undefined
  }
}

/** The host vouches for who this is. Another person on the same browser starts from nothing. */
export async function identify(jwt: string) {
  who.jwt = jwt
  const sub = subject(jwt)
  if (s.session.sub && s.session.sub !== sub) await reset()
  try {
    if (s.session.token) admit(await desk<Visitor>('/visitors/identify', { body: { identity_token: jwt } }))
  } catch (e) {
    // This browser's visitor already is somebody else.
    if ((e as Refused).status === 409) await reset()
    else if ((e as Refused).passing) return void setTimeout(() => { if (who.jwt === jwt) void identify(jwt) }, 15e3)
  }
  await join().then(refresh).catch(() => undefined)
  s.session.sub = sub
  s.host.save(s.session)
}

/** Forgets the visitor in this browser. */
export async function reset() {
  const old = s.session.v
  Object.assign(s, { session: anew(), convs: [], threads: new Map(), stack: [{ name: 'home' }], form: undefined })
  s.box.ops = []
  s.box.v = s.session.v
  s.host.save(s.session)
  watch()
  emit()
  for (const store of ['convs', 'entries', 'outbox'] as const) await s.place.drop(store, under(old))
}

/** What this browser kept of the visitor, so that there is something to read before the desk answers. */
export async function recall() {
  const [convs, kept] = await Promise.all([s.place.all<Kept>('convs', under(s.session.v)), s.place.all<Entry>('entries', under(s.session.v))])
  s.convs = convs.sort(newest)
  for (const e of kept) s.threads.set(e.conversation_id, fold(thread(e.conversation_id), [e], e.seq))
}

const healing = new Map<string, Promise<void>>()

/** Fetches what lies between what we have and what the desk has; one fetch per conversation at a time. */
export function catchUp(id: string): Promise<void> {
  const run = healing.get(id) ?? heal(
    () => thread(id),
    (after) => desk(`/conversations/${id}/entries?after=${after}&limit=100`),
    (th, got) => keep(id, th, got),
  ).catch(() => undefined).finally(() => healing.delete(id))
  healing.set(id, run)
  return run
}

/** Asks for everything that may have changed. */
export async function refresh() {
  if (!s.session.token) return
  const { items } = await desk<{ items: Conversation[] }>('/conversations')
  items.forEach(learn)
  await Promise.all(healing.values())
  void s.box.flush()
  // What was just learned may be a reason to listen.
  if (!wire) watch()
}

let told = 0

/** Marks what is on screen as seen, here and at the desk. Called after each drawing. */
export function seen() {
  const v = at(), c = v.name === 'chat' && conv(v.conv), last = c && thread(c.id).entries.at(-1)?.seq
  if (c && last && last > c.seen && s.open && !document.hidden) {
    const news = fresh(c).length
    c.seen = last
    void s.place.put('convs', c)
    clearTimeout(told)
    if (news) told = setTimeout(() => desk(`/conversations/${c.id}/read`, { body: { seq: last } }).catch(() => 0), 400) as unknown as number
  }
  s.host.unread(unread())
}

let written = 0
/** Lets the other side see that somebody writes; at most every three seconds, never while away. */
export function typing(id: string, text_length: number) {
  if (s.link !== 'live' || id.startsWith('new:') || Date.now() - written < 3e3) return
  written = Date.now()
  desk(`/conversations/${id}/typing`, { body: { text_length } }).catch(() => 0)
}

const newest = (a: Conversation, b: Conversation) => (a.created_at < b.created_at ? 1 : -1)

export function learn(c: Conversation) {
  const kept: Kept = { ...c, v: s.session.v, seen: Math.max(c.read_seq ?? 0, conv(c.id)?.seen ?? (s.threads.has(c.id) ? 0 : c.read_seq ?? c.last_seq)) }
  s.convs = [kept, ...s.convs.filter((x) => x.id !== c.id)].sort(newest)
  void s.place.put('convs', kept)
  if (c.last_seq > thread(c.id).have) void catchUp(c.id)
  emit()
}

export function keep(id: string, th: Thread, got: Entry[]) {
  const had = thread(id).entries.at(-1)?.seq ?? 0
  s.threads.set(id, th)
  for (const e of got) {
    void s.place.put('entries', { ...(th.entries.find((x) => x.seq === (e.target ?? e.seq)) ?? e), conversation_id: id, v: s.session.v })
    if (e.seq > had && e.author.kind !== 'customer' && 'text' in e.body) s.news = e.author.name + ': ' + e.body.text
  }
  emit()
}

/** The desk acknowledged words of ours: they are entries from now on. A new conversation has its id. */
export function settle(id: string, e: Entry, c?: Conversation, from?: string) {
  keep(id, fold(thread(id), [e]), [e])
  if (!c) return
  learn(c)
  move(from!, id)
  watch()
}

/** The screen that shows the conversation follows it to its new id. */
function move(from: string, to: string) {
  for (const v of s.stack) if (v.name === 'chat' && v.conv === from) v.conv = to
}

/** The conversation is not ours any more (the visitor was renewed): the words start a new one. */
export async function astray(op: Op) {
  const conv = 'new:' + crypto.randomUUID()
  move(op.conv, conv)
  await s.box.set(op.n, { conv })
}

/** The window came up: if somebody has answered meanwhile, that is shown first. */
export function shown() {
  const news = s.open && at().name === 'home' && s.convs.find((c) => fresh(c).length)
  if (news) chat(news.id)
  watch()
}
