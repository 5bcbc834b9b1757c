import { when, zone } from '../app/dates'
import { t } from '../app/i18n'
import type { Kept } from '../app/state'
import { desk } from '../app/sync'
import type { Entry, Ticket } from '../app/wire'
import { clock, people, tick } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Face } from './Face'
import { mine } from '../app/mine'

/** Where in a thread the promise stands: at the last time it became a ticket. */
export const promise = (entries: Entry[]) => entries.findLast((e) => e.body.type === 'event' && e.body.event === 'ticketed')

/** The promise: its time larger than its number, who keeps it, and how far it is. */
export function Promised({ c }: { c: Kept }) {
  const ref = c.ticket!
  const [f, set] = mine<{ more?: Ticket; copied?: boolean }>('ticket' + ref.id, {}, (set) => desk<Ticket>('/tickets/' + ref.id).then((more) => set({ more }), () => 0))
  const { more } = f, done = /^(resolved|closed)$/.test(more?.status ?? ''), at = more?.promised_at ?? ref.promised_at, by = at ? when(at, true) : '', who = more?.assignee?.name ?? c.owner.agent_name
  const copy = () => void navigator.clipboard?.writeText('#' + ref.number).then(() => set({ copied: true }), () => 0)
  return (
    <div class="card pad promise">
      <p class="sm muted">{t(done ? 'answered' : 'hear_by')}</p>
      {by && <p class="fig">{by} <span class="sm muted">{zone(at!)}</span></p>}
      <p class="fx">{who ? <><Face name={who} size="xs" />{t('kept_by', { name: who })}</> : <><Icon d={people} n={14} />{more?.queue ? t('kept_by', { name: more.queue.name }) : t('kept_soon')}</>}</p>
      <ul class="prog">
        <li class="done"><span class="g"><Icon d={tick} n={12} /></span>{t('step_recorded')}<span class="muted num sm">{when(more?.created_at ?? c.created_at)}</span></li>
        <li class={done ? 'done' : 'now'}><span class="g"><Icon d={done ? tick : clock} n={12} /></span>{who ? t('step_work_by', { name: who }) : t('step_work')}</li>
        <li class={done ? 'done' : ''}><span class="g">{done && <Icon d={tick} n={12} />}</span><span class="muted">{t('step_answer')}</span><span class="muted num sm">{!done && by && t('by_time', { time: by })}</span></li>
      </ul>
      <div class="fx"><span class="num muted">#{ref.number}</span><span class="sp" /><button class="btn" onClick={copy}>{t(f.copied ? 'copied' : 'copy')}</button></div>
    </div>
  )
}
