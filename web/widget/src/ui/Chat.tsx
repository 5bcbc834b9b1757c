import { said, t } from '../app/i18n'
import type { Op } from '../app/outbox'
import { person, say } from '../app/send'
import { back, conv, emit, s, thread } from '../app/state'
import { Composer } from './Composer'
import { bot, human, Icon } from './icons'
import { Bar, Mark, talk } from './parts'

const Head = talk((m) => m.Head)
const Said = talk((m) => m.Said)
const Lost = talk((m) => m.Lost)
const Rich = talk((m) => m.Rich)
const After = talk((m) => m.After)
const Unsent = talk((m) => m.Unsent)
const PreChat = talk((m) => m.PreChat)

let low = true

/** After a drawing: new words pull the view down only when its reader was at the end. */
export function sink(root: Element) {
  const b = low && root.querySelector('[role=log]')
  if (b) b.scrollTop = b.scrollHeight
}

export const botName = () => said(s.config.bot_name) || t('bot')

/** Stands in every header under which a bot speaks. */
export const WantPerson = ({ id }: { id: string }) => (
  <button class="btn" disabled={s.box.ops.some((op) => op.kind === 'handover' && op.conv === id)} onClick={() => void person(id, t('want_person'))}><Icon d={human} n={14} />{t('person')}</button>
)

/** What the desk has not acknowledged. Dashed: not sent yet. */
const Pending = (p: { op: Op; n: number; of: number }) => {
  const { op } = p, b = op.body!, cls = 'me ' + op.state
  return <>{b.type === 'text' ? <p dir="auto" class={'m ' + cls}>{b.text}</p> : <Rich b={b} cls={cls} id={op.conv} blob={op.blob} part={s.progress.get(op.n)} />}<Unsent {...p} /></>
}

export function Chat({ id }: { id: string }) {
  const c = conv(id), { entries } = thread(id), off = s.link === 'off', pre = s.config.pre_chat
  const mine = s.box.ops.filter((op) => op.conv === id && op.kind === 'message' && !entries.some((e) => e.client_id === op.client_id))
  const first = !c && !mine.length
  const ask = first && pre?.enabled && pre.fields.length && !s.session.asked && !off
  return (
    <>
      {c || off ? <Head id={id} c={c} /> : <Bar mark={<Mark d={bot} tone="botav" />} title={botName()} sub={t('bot_here')} onBack={back}><WantPerson id={id} /></Bar>}
      {off && <Lost />}
      <div class="w-b scroll" tabIndex={0} role="log" aria-live="off" aria-label={t('messages')} ref={(b) => { if (!b) low = true }} onScroll={(e) => { const b = e.currentTarget; low = b.scrollHeight - b.scrollTop - b.clientHeight < 80 }}>
        {ask ? <PreChat fields={pre.fields} onDone={(v) => { s.form = v; s.session.asked = true; s.host.save(s.session); emit() }} /> : (
          <>
            {first && !off && <><p class="m bt">{said(s.config.greeting) || t('greeting')}</p><p class="by"><Icon d={bot} n={12} />{botName()}</p></>}
            {entries.map((e, i) => <Said key={e.seq} e={e} before={entries[i - 1]} after={entries[i + 1]} id={id} quiet={mine.length > 0} />)}
            {(c || off) && <After id={id} c={c} mine={mine} part={0} />}
            {mine.map((op, i) => <Pending key={op.n} op={op} n={i + 1} of={mine.length} />)}
            {c && <After id={id} c={c} mine={mine} part={1} />}
          </>
        )}
      </div>
      {!ask && <Composer id={id} onText={(text) => { low = true; void say(id, text) }} hint={t(off ? 'hint_off' : c?.owner.kind === 'queue' ? 'hint_queue' : c?.owner.kind === 'ticket' ? 'hint_ticket' : 'hint')} />}
    </>
  )
}
