import { when } from '../app/dates'
import { locale, t } from '../app/i18n'
import { refresh } from '../app/line'
import { back, chat, pop } from '../app/state'
import { desk, join } from '../app/sync'
import type { Refused, Ticket } from '../app/wire'
import { warn } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Bar } from '../ui/parts'
import { Field, isMail, isPhone, point, type Filled } from './fields'
import { Body } from './frame'
import { forget, mine } from '../app/mine'

interface State extends Filled { busy: boolean; lost: string; id: string; got?: Ticket }

/** A matter left in writing: it becomes a ticket with a promised time. */
export function Ask() {
  const [f, set] = mine<State>('ask', { v: {}, bad: {}, busy: false, lost: '', id: crypto.randomUUID() })
  const { got } = f
  const submit = async (e: Event) => {
    e.preventDefault()
    const [subject, text, reach, name] = ['subject', 'text', 'reach', 'name'].map((k) => f.v[k]?.trim() ?? '') as [string, string, string, string]
    const bad: Filled['bad'] = {}
    if (!subject) bad.subject = t('need_this')
    if (!text) bad.text = t('need_this')
    if (!isMail(reach) && !isPhone(reach)) bad.reach = t('bad_reach')
    set({ bad })
    if (point(bad)) return
    set({ busy: true, lost: '' })
    try {
      await join()
      const r = await desk<Ticket & { ticket?: Ticket }>('/tickets', { key: f.id, body: { client_id: f.id, subject, text, [isMail(reach) ? 'email' : 'phone']: reach, name: name || undefined, locale } })
      set({ got: r.ticket ?? r })
      forget('tickets')
      refresh().catch(() => 0)
    } catch (x) {
      set({ lost: (x as Refused).message || t('not_sent') })
    }
    set({ busy: false })
  }
  const leave = () => { if (got) forget('ask'); back() }
  return (
    <>
      <Bar title={t(got ? 'ticketed' : 'leave_message')} sub={got && `#${got.number}`} onBack={leave} />
      <Body label={t('leave_message')}>
        {got ? (
          <div class="card pad" role="status">
            <p class="sm muted">{t('hear_by')}</p><p class="fig">{when(got.promised_at, true)}</p><p class="muted">{t('kept_you', { number: got.number })}</p>
            <button class="btn" onClick={() => { forget('ask'); pop(); chat(got.conversation_id) }}>{t('open_ticket')}</button>
          </div>
        ) : (
          <form class="form" noValidate onSubmit={submit}>
            <Field name="subject" f={f} /><Field name="text" area f={f} /><Field name="reach" f={f} /><Field name="name" f={f} label={t('name_optional')} />
            {f.lost && <p class="by bad" role="alert"><Icon d={warn} n={12} />{f.lost}</p>}
            <button class="btn pri xl" disabled={f.busy}>{t(f.busy ? 'state_sending' : 'submit')}</button>
          </form>
        )}
      </Body>
    </>
  )
}
