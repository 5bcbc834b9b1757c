import { t } from '../app/i18n'
import { catchUp, learn } from '../app/line'
import { desk } from '../app/sync'
import type { Conversation, Refused } from '../app/wire'
import { mail, phone } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Field, isMail, isPhone, point, type Filled } from './fields'
import { mine } from '../app/mine'

type Way = 'email' | 'phone'
interface State extends Filled { way: Way; busy: boolean; key: string; to?: string }

/** Where the answer should go when nobody is there, or when somebody will not wait. */
export function Contact({ id, waiting }: { id: string; waiting?: boolean }) {
  const [f, set] = mine<State>('contact' + id, { v: {}, bad: {}, way: 'email', busy: false, key: crypto.randomUUID() })
  const { way } = f
  const submit = async (e: Event) => {
    e.preventDefault()
    const v = (f.v[way] ?? '').trim()
    const bad: Filled['bad'] = (way === 'email' ? isMail : isPhone)(v) ? {} : { [way]: t(`bad_${way}`) }
    set({ bad })
    if (point(bad)) return
    set({ busy: true })
    try {
      learn(await desk<Conversation>(`/conversations/${id}/contact`, { body: { [way]: v, name: f.v.name?.trim() || undefined }, key: f.key }))
      set({ to: v })
      await catchUp(id)
    } catch (x) {
      set({ bad: { [way]: (x as Refused).message || t('not_sent') } })
    }
    set({ busy: false })
  }
  if (f.to) return <p class="card pad" role="status">{t('noted', { to: f.to })}</p>
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
