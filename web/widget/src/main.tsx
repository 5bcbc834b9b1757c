import { render } from 'preact'
import { place } from './app/db'
import { framed, session, type FromHost } from './app/host'
import { choose, speak } from './app/i18n'
import { Outbox } from './app/outbox'
import { send } from './app/send'
import { drawn, emit, pop, s } from './app/state'
import { configure, ears, line, watch } from './app/sync'
import { App, focus } from './ui/App'
import { sink } from './ui/Chat'
import { wear } from './ui/parts'
import css from './style/core.css?inline'

const asked = new URLSearchParams(location.search)
const origin = new URLSearchParams(location.hash.slice(1)).get('o')
const root = document.getElementById('app')!
const doc = document.documentElement

export function kept(name: string): string | undefined {
  try { return localStorage.getItem('everdesk:' + name) ?? undefined } catch { return undefined }
}

/** Begins with what the host kept of this visitor. `ready` runs before anything is drawn. */
export async function start(m: FromHost & { t: 'start' }, ready?: () => Promise<void>) {
  const dark = matchMedia('(prefers-color-scheme:dark)'), theme = m.theme || asked.get('theme')
  const dress = () => { doc.dataset.theme = theme === 'dark' || theme === 'light' ? theme : dark.matches ? 'dark' : 'light' }
  dark.onchange = dress
  dress()
  wear(css)
  s.session = session(m.session)
  s.key ??= asked.get('key') ?? ''
  s.host.save(s.session)
  s.page = m.page
  s.open = m.open
  ;[s.place] = await Promise.all([place(), speak(choose(kept('locale'), m.locale, asked.get('locale'), navigator.language))])
  s.box = new Outbox(s.session.v, s.place, {
    send, changed: emit,
    stalled: (after) => setTimeout(() => void s.box.flush(), after || 3e3 + Math.random() * 5e3),
  })
  await Promise.all([s.box.load(), m.session && line().then((l) => l.recall()), ready?.()])
  drawn(() => {
    render(<App />, root)
    sink(root)
    focus(root)
    ears?.seen()
  })
  emit()
  void configure()
  void s.box.flush()
  if (s.session.token) { watch(); void line().then((l) => l.refresh()).catch(() => 0) }
  // The rest of a conversation comes while nobody waits for it.
  ;(window.requestIdleCallback ?? setTimeout)(() => void line().then((l) => l.begin()))
  onkeydown = (e) => { if (e.key === 'Escape' && !e.defaultPrevented && !e.isComposing) s.host.close() }
}

function hear(m: FromHost) {
  if (m.t === 'start') return void start(m)
  if (m.t === 'identify') return void line().then((l) => l.identify(m.jwt))
  if (m.t === 'reset') return void line().then((l) => l.reset())
  s.open = m.open
  s.page = m.page
  ears?.shown()
  emit()
}

if (origin && parent !== window) s.host = framed(origin, hear, pop)
else void import('./app/page').then((m) => m.alone())
