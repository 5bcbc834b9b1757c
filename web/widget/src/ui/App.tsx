import type { ComponentType } from 'preact'
import { t } from '../app/i18n'
import { at, s, type View } from '../app/state'
import { Chat } from './Chat'
import { Home } from './Home'
import { browse } from './parts'

const Tabs = browse((m) => m.Tabs)
const Views = {
  help: browse((m) => m.Help), messages: browse((m) => m.Messages), tickets: browse((m) => m.Tickets),
  article: browse((m) => m.Article), ask: browse((m) => m.Ask), lost: browse((m) => m.LinkLost),
}

export function App() {
  const v = at(), View = v.name !== 'chat' && v.name !== 'home' && (Views[v.name] as ComponentType<View>)
  return (
    <section class="w" aria-label={t('window')}>
      {v.name === 'chat' ? <Chat key={v.k} id={v.conv} /> : View ? <View {...v} /> : <Home />}
      {s.stack.length < 2 && v.name !== 'chat' && <nav class="w-t" aria-label={t('sections')}><Tabs /></nav>}
      <p class="sr" aria-live="polite">{s.news}</p>
    </section>
  )
}

let shown: unknown = 0

/** After a drawing: a new view takes the focus, else it stays on a button that is gone. */
export function focus(root: Element) {
  const v = at(), is = s.open && ('k' in v ? v.k : 'id' in v ? v.id : v.name)
  if (is === shown) return
  const to = root.querySelector<HTMLElement>(v.name === 'chat' && matchMedia('(hover:hover)').matches ? 'textarea' : 'h1')
  if (to || !is) { to?.focus({ preventScroll: true }); shown = is }
}
