import { t, type Key } from '../app/i18n'
import { type Kept, s, thread } from '../app/state'
import { tick } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { mine } from '../app/mine'

const WHY = ['wait', 'repeat', 'heard', 'result'] as const

/** How it went, in the thread, never in its way: the composer below stays open. */
export function Rating({ c }: { c: Kept }) {
  const [f, set] = mine('rate' + c.id, { score: 0, why: [] as string[], words: '', done: false })
  const rated = f.done || c.rating || s.box.ops.some((op) => op.kind === 'rating' && op.conv === c.id) || thread(c.id).entries.some((e) => e.body.type === 'rating')
  const send = () => {
    const comment = [...f.why.map((w) => t(`why_${w}` as Key)), f.words.trim()].filter(Boolean).join(t('list_sep'))
    set({ done: true })
    void s.box.add({ conv: c.id, kind: 'rating', extra: { score: f.score, ...(comment && { comment }) } })
  }
  return (
    <>
      {rated ? <p class="sm muted again" role="status">{t('rating_thanks')}</p> : (
        <fieldset class="card pad form">
          <legend class="sr">{t('rate_title')}</legend>
          <h2 aria-hidden="true">{t('rate_title')}</h2>
          <div class="rate">{[1, 2, 3, 4, 5].map((n) => <label key={n} data-on={f.score === n || undefined}><input type="radio" class="sr" name="score" checked={f.score === n} onChange={() => set({ score: n })} /><b>{n}</b>{t(`rate_${n}` as Key)}</label>)}</div>
          {f.score > 0 && f.score < 5 && (
            <div><p class="muted">{t('rate_why')}</p><div class="chips">{WHY.map((w) => {
              const on = f.why.includes(w)
              return <button type="button" class="pick" key={w} aria-pressed={on} onClick={() => set({ why: on ? f.why.filter((x) => x !== w) : [...f.why, w] })}>{on && <Icon d={tick} n={13} />}{t(`why_${w}`)}</button>
            })}</div></div>
          )}
          {f.score > 0 && (
            <>
              <textarea class="inp area" rows={2} maxLength={1000} onInput={(e) => { f.words = e.currentTarget.value }} placeholder={t('rate_words')} aria-label={t('rate_words')} />
              <button type="button" class="btn pri xl" onClick={send}>{t('submit')}</button>
            </>
          )}
        </fieldset>
      )}
      <p class="sm muted again">{t('not_solved')} <button class="link" onClick={() => document.querySelector<HTMLElement>('.box textarea')?.focus()}>{t('write_again')}</button></p>
    </>
  )
}
