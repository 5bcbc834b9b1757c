import { ask, type Refused, type Ask, type Config, type Visitor } from './wire'
import { locale } from './i18n'
import { emit, s } from './state'

/** Set by a signed identity, sent when the visitor is made. */
export const who: { jwt?: string } = {}

/** The part that hears from the desk; fetched once there is a visitor to hear about. */
export let ears: typeof import('../views/talk') | undefined
export const line = async () => (ears ??= await import('../views/talk'))

/** A request as this visitor. Notes whether the desk answers at all. */
export async function desk<T>(path: string, o: Ask = {}): Promise<T> {
  try {
    const got = await ask<T>(path, { token: s.session.token, locale, ...o })
    reach(true)
    return got
  } catch (x) {
    const e = x as Refused
    reach(e.status > 0 && e.status < 500)
    // The desk no longer knows this token: the next thing said makes a new visitor.
    if (e.status === 401 && s.session.token) { s.session.token = undefined; s.host.save(s.session); watch() }
    throw e
  }
}

export function reach(yes: boolean) {
  if (yes) s.synced = new Date().toISOString()
  const link = yes ? (s.link === 'off' ? 'poll' : s.link) : 'off'
  if (link !== s.link) { s.link = link; emit() }
}

let joining: Promise<void> | undefined

/** Makes us known to the desk, once, when there is something to say. */
export const join = async () => {
  if (!s.session.token) await (joining ??= desk<Visitor>('/visitors', { body: { key: s.key, locale, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, identity_token: who.jwt, page_url: s.page } }).then(admit).finally(() => { joining = undefined }))
}

export function admit(got: Visitor) {
  s.session.token = got.token ?? s.session.token
  s.host.save(s.session)
  watch()
}

/** Keeps a line to the desk while it may have something to say. */
export const watch = () => void line().then((l) => l.watch(), () => setTimeout(watch, 5e3))

/** The shop's settings; while the desk is away its worker answers with what was kept. */
export async function configure() {
  try {
    s.config = await desk<Config>(`/config?key=${encodeURIComponent(s.key)}&locale=${locale}`, s.key ? { token: undefined } : {})
    const { style } = document.documentElement
    style.setProperty('--brand', s.config.brand_color ?? '')
    style.setProperty('--on-brand', s.config.on_brand_color ?? '')
    emit()
  } catch {
    setTimeout(configure, 1e4)
  }
}
