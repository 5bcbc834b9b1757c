import type { Op } from '../app/outbox'
import { t } from '../app/i18n'
import { s } from '../app/state'
import { clock, warn } from '../ui/glyphs'
import { Icon } from '../ui/icons'

/** What becomes of words the desk has not acknowledged, and what can be done about them. */
export function Unsent({ op, n, of }: { op: Op; n: number; of: number }) {
  const wait = op.state === 'queued', bad = op.state === 'failed'
  return (
    <p class={'by r' + (bad ? ' bad' : '')}>
      {op.state !== 'sending' && <Icon d={wait ? clock : warn} n={12} />}
      {wait && s.link === 'off' ? t('waiting', { n, of }) : t(`state_${op.state}`)}{op.reason && ' · ' + op.reason}
      {bad && <button class="use" onClick={() => void s.box.retry(op.n)}>{t('retry')}</button>}
      {op.state !== 'sending' && <button class="use" onClick={() => void s.box.withdraw(op.n)}>{t(wait ? 'withdraw' : 'discard')}</button>}
    </p>
  )
}
