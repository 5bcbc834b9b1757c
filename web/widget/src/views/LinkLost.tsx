import { t } from '../app/i18n'
import { chat } from '../app/state'
import { warn } from '../ui/glyphs'
import { Icon } from '../ui/icons'

/** A link that leads nowhere any more, with a way on. */
export function LinkLost() {
  return <div class="empty"><Icon d={warn} n={20} /><h1 tabIndex={-1}><b>{t('link_lost')}</b></h1><p>{t('link_lost_more')}</p><button class="btn" onClick={() => chat()}>{t('start')}</button></div>
}
