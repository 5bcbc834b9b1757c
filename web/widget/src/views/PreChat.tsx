import { t } from '../app/i18n'
import { Field, isMail, isPhone, point } from './fields'
import { mine } from '../app/mine'

/** What the shop wants to know before the first message. */
export function PreChat({ fields, onDone }: { fields: string[]; onDone(v: Record<string, string>): void }) {
  const [f, set] = mine('pre', { v: {} as Record<string, string>, bad: {} as Record<string, string> })
  const submit = (e: Event) => {
    e.preventDefault()
    const bad: Record<string, string> = {}
    for (const k of fields) {
      const text = (f.v[k] ?? '').trim()
      if (!text) bad[k] = t('need_this')
      else if (k === 'email' && !isMail(text)) bad[k] = t('bad_email')
      else if (k === 'phone' && !isPhone(text)) bad[k] = t('bad_phone')
    }
    set({ bad })
    if (!point(bad)) onDone(f.v)
  }
  return (
    <form class="form" noValidate onSubmit={submit}>
      <h2>{t('pre_title')}</h2><p class="muted">{t('pre_why')}</p>
      {fields.map((k) => <Field key={k} name={k} f={f} />)}
      <button class="btn pri xl">{t('pre_go')}</button>
    </form>
  )
}
