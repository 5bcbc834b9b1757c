import { locale, t } from '../app/i18n'
import type { Kept } from '../app/state'
import { clock, next, ticket } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Contact } from './Contact'
import { mine } from '../app/mine'

const minutes = (low: number, high: number) => {
  const a = Math.max(1, Math.floor(low / 60))
  return t('minutes', { low: a, high: Math.max(a + 1, Math.ceil(high / 60)) })
}

const place = (n: number) => (locale === 'en' ? n + (['th', 'st', 'nd', 'rd'][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? 'th') : t('place_n', { n }))

/** Place and wait as a range with its basis, and two ways out that keep the place. */
export function Queue({ c }: { c: Kept }) {
  const [f, set] = mine('queue' + c.id, { way: '' }), q = c.queue!
  return (
    <div class="stack">
      <div class="card pad" role="status">
        <div class="figs"><div><p class="sm muted">{t('your_place')}</p><p class="fig">{place(q.position)}</p></div>{q.wait_seconds_high && <div><p class="sm muted">{t('expected_wait')}</p><p class="fig">{minutes(q.wait_seconds_low ?? 0, q.wait_seconds_high)}</p></div>}</div>
        <p class="sm muted">{t(q.basis === 'recent' ? 'basis_recent' : 'basis_none')}</p>
      </div>
      {f.way === 'leave' ? <Contact id={c.id} waiting /> : f.way ? <p class="sm muted">{t('staying')}</p> : (
        <>
          <p class="sm muted">{t('rather_not')}</p>
          <div class="card flat">{(['leave', 'wait'] as const).map((way) => (
            <button class="way" key={way} onClick={() => set({ way })}><Icon d={way === 'leave' ? ticket : clock} /><span class="sp"><b class="m5">{t(`way_${way}`)}</b><span class="sm muted">{t(`way_${way}_more`)}</span></span><Icon d={next} n={16} /></button>
          ))}</div>
        </>
      )}
    </div>
  )
}
