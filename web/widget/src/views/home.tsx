import { clock, when } from '../app/dates'
import { answers } from '../app/help'
import { choose, locale, speak, t } from '../app/i18n'
import { emit, go, s } from '../app/state'
import { configure } from '../app/sync'
import type { HelpItem } from '../app/wire'
import { glass, off } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { wear } from '../ui/parts'
import css from '../style/said.css?inline'
import { Skeleton } from './frame'
import { Titles } from './Help'
import { mine } from '../app/mine'
import { Row } from './Row'

wear(css)

/** The other language, named in itself. */
export function Tongue() {
  const other = choose(locale === 'en' ? 'zh' : 'en')
  if (s.config.locales && s.config.locales.length < 2) return null
  const turn = async () => {
    await speak(other)
    try { localStorage.setItem('everdesk:locale', other) } catch { /* a browser without storage forgets it */ }
    emit()
    void configure()
  }
  return <button class="btn plain" lang={other} onClick={() => void turn()}>{other === 'en' ? 'English' : '中文'}</button>
}

/** Who is there, whether we can be reached, and the conversation that is open. */
export function Before() {
  const h = s.config.hours, c = s.convs.find((x) => x.state === 'open'), who = c?.owner.agent_name
  return (
    <>
      {s.link === 'off' ? <p class="hours muted" role="status"><Icon d={off} n={14} />{s.synced ? t('off_short', { time: clock(s.synced) }) : t('desk_down')}</p>
        : h && (h.open_now ? <p class="hours live m5"><i class="dot" />{t('open_now')}</p> : <p class="hours muted"><i class="dot off" />{h.next_opening ? t('opens_at', { time: when(h.next_opening, true) }) : t('closed')}</p>)}
      {c && <Row c={c} title={who ? t('continue_with', { name: who }) : t('continue')} />}
    </>
  )
}

/** The first few answers, with the way to all of them. */
export function Top() {
  const [{ items }] = mine<{ items?: HelpItem[] }>('top' + locale + (s.link === 'off'), {}, (set) => answers().then(set, () => set({ items: [] })))
  if (!(s.config.show_help ?? s.config.features?.help ?? true)) return null
  return (
    <div class="top">
      <button class="inp" onClick={() => go({ name: 'help' })}><Icon d={glass} n={16} /><span>{t('search')}</span></button>
      {items ? <Titles of={items.slice(0, 4)} /> : <Skeleton of={[64, 52, 58]} />}
    </div>
  )
}
