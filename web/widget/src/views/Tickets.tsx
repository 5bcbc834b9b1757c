import { when } from '../app/dates'
import { t } from '../app/i18n'
import { chat, go, s } from '../app/state'
import { desk } from '../app/sync'
import type { Ticket } from '../app/wire'
import { ticket } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Away, Body, Empty, Skeleton, TabHead } from './frame'
import { forget, mine } from '../app/mine'

const done = (x: Ticket) => /^(resolved|closed)$/.test(x.status)

/** What was promised to this visitor, open matters first. */
export function Tickets() {
  const key = 'tickets'
  const [f, set] = mine<{ all?: Ticket[]; lost?: boolean }>(key, s.session.token ? {} : { all: [] }, (set) => s.session.token && desk<{ items: Ticket[] }>('/tickets').then((r) => set({ all: r.items }), () => set({ lost: true })))
  // While the desk is away, the promises that came with conversations are still known.
  const known = s.convs.flatMap((c) => (c.ticket?.promised_at ? [{ ...c.ticket as Ticket, status: 'open' as const, subject: '', conversation_id: c.id, created_at: c.created_at }] : []))
  const list = (f.lost ? known : f.all)?.slice().sort((a, b) => +done(a) - +done(b) || (a.created_at < b.created_at ? 1 : -1))
  return (
    <>
      <TabHead title={t('tab_tickets')} />
      <Body label={t('tab_tickets')}>
        {!list ? <Skeleton of={[60, 72]} />
          : list[0] ? list.map((x) => (
            <button class="card row" key={x.id} onClick={() => { forget(key); chat(x.conversation_id) }}>
              <span class="sp">
                <span class="fx"><b class="m5 cut">{x.subject || '#' + x.number}</b><span class="sp" /><span class={'tag' + (done(x) ? '' : ' live')}>{t(`status_${x.status}`)}</span></span>
                <span class="fx line muted"><span class="num">#{x.number}</span>{!done(x) && <span class="cut">{t('answer_by', { time: when(x.promised_at) })}</span>}</span>
              </span>
            </button>
          ))
          : f.lost ? <Away title={t('tickets_lost')} again={() => { forget(key); set({}) }} /> : <Empty d={ticket} title={t('no_tickets')} more={t('no_tickets_more')} />}
      </Body>
      <div class="w-f"><button class="btn pri xl" onClick={() => { forget(key); go({ name: 'ask' }) }}><Icon d={ticket} n={16} />{t('leave_message')}</button></div>
    </>
  )
}
