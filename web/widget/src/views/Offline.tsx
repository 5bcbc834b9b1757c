import { when } from '../app/dates'
import { answers, closest } from '../app/help'
import { locale, said, t } from '../app/i18n'
import { s } from '../app/state'
import type { HelpItem } from '../app/wire'
import { fold, phone } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Markdown } from './markdown'
import { mine } from '../app/mine'

/** What can be had while the desk is away: answers kept earlier, then the phone. */
export function Offline({ about }: { about: string }) {
  const [{ items: all, at }] = mine('kept' + locale, { items: [] as HelpItem[], at: '' }, (set) => answers().then(set, () => 0))
  const items = about ? closest(all, about, 3) : all.slice(0, 3), words = said(s.config.offline_text), no = s.config.phone_shown
  return (
    <div class="stack">
      {words && <p class="m bt">{words}</p>}
      {items[0] && (
        <>
          <div class="fx"><h2>{t('readable_now')}</h2><span class="sp" /><span class="sm muted num">{t('kept_at', { time: when(at, true) })}</span></div>
          <div class="card flat">{items.map((h, i) => (
            <details class="fold" key={h.article_id} open={!i && !!about}><summary><span class="sp">{h.title}</span><Icon d={fold} n={16} /></summary><Markdown text={h.body ?? h.snippet} /></details>
          ))}</div>
        </>
      )}
      {no && <a class="card way" href={'tel:' + no.replace(/[^\d+]/g, '')}><Icon d={phone} /><span class="sp">{t('call')} <b class="m5 num">{no}</b></span></a>}
    </div>
  )
}
