import { when } from '../app/dates'
import { t } from '../app/i18n'
import { catchUp, refresh } from '../app/line'
import { desk } from '../app/sync'
import type { Refused, TicketRef } from '../app/wire'
import { mail, phone } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Field, isMail, isPhone, point, type Filled } from './fields'
import { mine } from './mine'

type Way = 'email' | 'phone'
interface State extends Filled { way: Way; busy: boolean; key: string; got?: Partial<TicketRef> }

/** Where the answer should go when nobody is there, or when somebody will not wait. */
export function Contact({ id, waiting }: { id: string; waiting?: boolean }) {
  const [f, set] = mine<State>('contact' + id, { v: {}, bad: {}, way: 'email', busy: false, key: crypto.randomUUID() })
  const { way, got } = f
  const submit = async (e: Event) => {
    e.preventDefault()
    const v = (f.v[way] ?? '').trim()
    const bad: Filled['bad'] = (way === 'email' ? isMail : isPhone)(v) ? {} : { [way]: t(`bad_${way}`) }
    set({ bad })
    if (point(bad)) return
    set({ busy: true })
    try {
      const r = await desk<{ ticket?: TicketRef }>(`/conversations/${id}/contact`, { body: { [way]: v, name: f.v.name?.trim() || undefined }, key: f.key })
      set({ got: r?.ticket ?? {} })
      await Promise.allSettled([refresh(), catchUp(id)])
    } catch (x) {
      set({ bad: { [way]: (x as Refused).message || t('not_sent') } })
    }
    set({ busy: false })
  }
  if (got) return <div class="card pad" role="status"><p class="sm muted">{t('hear_by')}</p><p class="fig">{got.promised_at ? when(got.promised_at) : t('noted')}</p>{got.number && <p class="num muted">#{got.number}</p>}</div>
  return (
    <form class="card pad form" noValidate onSubmit={submit}>
      <h2>{t(waiting ? 'contact_title' : 'nobody_title')}</h2><p class="muted">{t(waiting ? 'contact_why' : 'nobody_why')}</p>
      <div class="seg" role="radiogroup" aria-label={t('contact_way')}>
        {(['email', 'phone'] as const).map((w) => <label key={w} data-on={way === w || undefined}><input type="radio" name="way" class="sr" checked={way === w} onChange={() => set({ way: w, bad: {} })} /><Icon d={w === 'email' ? mail : phone} n={14} />{t(`field_${w}`)}</label>)}
      </div>
      <Field key={way} name={way} f={f} />
      <Field name="name" f={f} label={t('name_optional')} />
      <button class="btn pri xl" disabled={f.busy}>{t(f.busy ? 'state_sending' : 'contact_go')}</button>
    </form>
  )
}
