import { t, type Key } from '../app/i18n'
import { warn } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { wear } from '../ui/parts'
import css from '../style/forms.css?inline'

wear(css)

export const isMail = (v: string) => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(v)
export const isPhone = (v: string) => /^\+?[\d\s()-]{6,20}$/.test(v) && v.replace(/\D/g, '').length > 5

export interface Filled { v: Record<string, string>; bad: Record<string, string> }

/** Leads to the first field with a complaint; false when there is none. */
export function point(bad: Record<string, string>) {
  const first = Object.keys(bad)[0]
  if (first) document.getElementById('f-' + first)?.focus()
  return !!first
}

/** One labelled field with its complaint, tied together for a reader. */
export function Field({ name, f, area, label }: { name: string; f: Filled; area?: boolean; label?: string }) {
  const id = 'f-' + name, error = f.bad[name], p = {
    id, name, 'aria-invalid': !!error, 'aria-describedby': error && id + '-e',
    ref: (x: { value: string } | null) => { if (x) x.value ||= f.v[name] ?? '' },
    onInput: (e: { currentTarget: { value: string } }) => { f.v[name] = e.currentTarget.value },
  }
  return (
    <div class="fld">
      <label for={id}>{label ?? t(`field_${name}` as Key)}</label>
      {area ? <textarea class="inp area" rows={4} maxLength={8000} {...p} /> : <input class="inp" type={(name === 'phone' ? 'tel' : name === 'email' ? name : 'text') as 'text'} autocomplete={name === 'phone' ? 'tel' : /name|email/.test(name) ? name : 'off'} maxLength={200} {...p} />}
      {error && <span class="err" id={id + '-e'}><Icon d={warn} n={12} />{error}</span>}
    </div>
  )
}
