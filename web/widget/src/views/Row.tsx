import { when } from '../app/dates'
import { t } from '../app/i18n'
import { fresh } from '../app/news'
import { chat, type Kept, thread } from '../app/state'
import { people, tick, ticket } from '../ui/glyphs'
import { bot } from '../ui/icons'
import { Mark } from '../ui/parts'
import { Face } from './Face'

/** The last words of a conversation, for one line. */
export function gist(c: Kept): string {
  const b = thread(c.id).entries.findLast((e) => e.kind === 'message')?.body
  return !b ? c.last_entry?.preview ?? '' : b.type === 'recalled' ? t('recalled') : 'text' in b && b.text ? b.text : 'title' in b ? b.title : t('attachment')
}

export const latest = (c: Kept) => thread(c.id).entries.at(-1)?.created_at ?? c.last_entry?.at ?? c.created_at

export function Row({ c, title }: { c: Kept; title: string }) {
  const who = c.owner.agent_name, kind = c.state === 'resolved' ? 'done' : c.owner.kind
  return (
    <button class="card row" onClick={() => chat(c.id)}>
      {who ? <Face name={who} src={c.owner.agent_avatar} /> : <Mark d={kind === 'ticket' ? ticket : kind === 'queue' ? people : kind === 'done' ? tick : bot} tone={kind === 'bot' ? 'botav' : ''} />}
      <span class="sp">
        <span class="fx"><b class="m5 cut">{title}</b>{fresh(c).length > 0 && <i class="ud"><span class="sr">{t('new')}</span></i>}<span class="sp" /><span class="sm muted num">{when(latest(c))}</span></span>
        <span class="cut muted line">{gist(c)}</span>
      </span>
    </button>
  )
}
