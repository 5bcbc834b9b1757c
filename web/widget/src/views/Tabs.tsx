import { t } from '../app/i18n'
import { unread } from '../app/news'
import { at, go, s, type Tab } from '../app/state'
import { help, house, ticket } from '../ui/glyphs'
import { chats, Icon } from '../ui/icons'

export function Tabs() {
  const c = s.config, tabs: [Tab, string, boolean?][] = [['home', house], ['messages', chats], ['help', help, c.show_help ?? c.features?.help], ['tickets', ticket, c.show_tickets ?? c.features?.tickets]]
  return <>{tabs.map(([name, icon, is]) => is !== false && (
    <button key={name} aria-current={at().name === name ? 'page' : undefined} onClick={() => go({ name })}>
      <Icon d={icon} n={20} />{t(`tab_${name}`)}{name === 'messages' && unread() > 0 && <i class="ud"><span class="sr">{t('new')}</span></i>}
    </button>
  ))}</>
}
