import { when } from '../app/dates'
import { answers, closest, search } from '../app/help'
import { locale, t } from '../app/i18n'
import { chat, go } from '../app/state'
import type { HelpItem } from '../app/wire'
import { glass, help, next } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Away, Body, Empty, Skeleton, TabHead } from './frame'
import { forget, mine } from '../app/mine'

interface State { all?: HelpItem[]; at: string; old: boolean; lost: boolean; q: string; hits?: HelpItem[] }
let timer: ReturnType<typeof setTimeout>

export const Titles = ({ of }: { of: HelpItem[] }) => (
  <>{of.map((h) => <button class="w-art" key={h.article_id} onClick={() => go({ name: 'article', id: h.article_id, title: h.title })}><span class="cut">{h.title}</span><Icon d={next} n={16} /></button>)}</>
)

/** All published answers, searched at the desk or, while it is away, in what was kept. */
export function Help() {
  const key = 'help' + locale
  const [f, set] = mine<State>(key, { at: '', old: false, lost: false, q: '' }, (set) => answers().then((a) => set({ all: a.items, at: a.at, old: a.old }), () => set({ lost: true })))
  const find = (q: string) => {
    const words = q.trim()
    set({ q: words, hits: undefined })
    clearTimeout(timer)
    if (words) timer = setTimeout(() => void search(words).then((r) => r.items, () => closest(f.all ?? [], words, 8)).then((hits) => { if (f.q === words) set({ hits }) }), 200)
  }
  const shown = f.q ? f.hits : f.all
  return (
    <>
      <TabHead title={t('tab_help')} />
      <div class="find"><label class="inp"><Icon d={glass} n={16} /><input type="search" onInput={(e) => find(e.currentTarget.value)} ref={(x) => { if (x) x.value ||= f.q }} placeholder={t('search')} aria-label={t('search')} /></label></div>
      <Body label={t('tab_help')}>
        {f.old && <p class="sm muted">{t('kept_at', { time: when(f.at, true) })}</p>}
        {f.lost ? <Away again={() => { forget(key); set({}) }} />
          : !shown ? <Skeleton of={[64, 78, 52, 70, 58, 66]} />
          : shown[0] ? <Titles of={shown} />
          : <Empty d={help} title={t('help_none')} more={t('help_none_more')}><button class="btn" onClick={() => chat()}>{t('start')}</button></Empty>}
      </Body>
    </>
  )
}
