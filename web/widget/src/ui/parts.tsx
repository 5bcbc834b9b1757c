import type { ComponentChildren, ComponentType, VNode } from 'preact'
import { t } from '../app/i18n'
import { emit, s } from '../app/state'
import { back, Icon, min } from './icons'

const worn = new Set<string>()

/** Adds a view's rules, once, when the view arrives. Constructed sheets need no inline style. */
export function wear(css: string) {
  if (worn.has(css)) return
  worn.add(css)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  document.adoptedStyleSheets.push(sheet)
}

/** A part that is fetched when it is first shown; a failed fetch is tried again. */
const later = <M,>(load: () => Promise<M>) => {
  let got: M | undefined, asked: unknown
  return <P extends object>(pick: (m: M) => ComponentType<P>) => (p: P): VNode | null => {
    asked ||= load().then((m) => { got = m; emit() }, () => setTimeout(() => { asked = 0; emit() }, 3e3))
    const Ready = got && pick(got)
    return Ready ? <Ready {...p} /> : null
  }
}

export const talk = later(() => import('../views/talk'))
export const browse = later(() => import('../views/browse'))

export const IconButton = ({ d, label, cls = '', onClick }: { d: string; label: string; cls?: string; onClick(): void }) => (
  <button type="button" class={'ib ' + cls} aria-label={label} title={label} onClick={onClick}><Icon d={d} /></button>
)

/** Minimises the window; a page of its own has nothing to minimise to. */
export const Close = () => s.host.embedded && <IconButton d={min} label={t('close')} onClick={s.host.close} />

export const Mark = ({ d, tone = '' }: { d: string; tone?: string }) => <span class={'av ' + tone} aria-hidden="true"><Icon d={d} n={17} /></span>

/** The heading takes the focus when its view opens, so that a reader hears where it is. */
export const Bar = ({ mark, title, sub, children, onBack }: { mark?: ComponentChildren; title: string; sub?: string; children?: ComponentChildren; onBack?(): void }) => (
  <header class="w-h">
    {onBack && <IconButton d={back} label={t('back')} onClick={onBack} />}
    {mark}
    <div class="sp"><h1 class="cut" tabIndex={-1}>{title}</h1>{sub && <p class="cut">{sub}</p>}</div>
    {children}
    <Close />
  </header>
)
