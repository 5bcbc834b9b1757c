import { t } from '../app/i18n'
import { chat, type Kept, s } from '../app/state'
import { botName } from '../ui/Chat'
import { Start } from '../ui/Home'
import { clock as dial } from '../ui/glyphs'
import { chats, Icon } from '../ui/icons'
import { Empty, TabHead } from './frame'
import { latest, Row } from './Row'

const title = (c: Kept) => c.owner.agent_name ?? (c.owner.kind === 'ticket' && c.ticket ? `#${c.ticket.number}` : c.owner.kind === 'queue' ? t('connecting') : botName())

/** Every conversation of this visitor, newest words first, and what still waits to be sent. */
export function Messages() {
  const waiting = s.box.ops.filter((op) => op.kind === 'message' && op.conv.startsWith('new:'))
  const list = [...s.convs].sort((a, b) => latest(b).localeCompare(latest(a)))
  return (
    <>
      <TabHead title={t('tab_messages')} />
      <div class="w-b scroll">
        {[...new Set(waiting.map((op) => op.conv))].map((id) => (
          <button class="card row" key={id} onClick={() => chat(id)}>
            <span class="av" aria-hidden="true"><Icon d={dial} n={16} /></span>
            <span class="sp"><b class="m5 cut line">{t('state_queued')}</b><span class="cut muted line">{waiting.filter((op) => op.conv === id).map((op) => (op.body && 'text' in op.body ? op.body.text : t('attachment'))).join(' ')}</span></span>
          </button>
        ))}
        {list.map((c) => <Row key={c.id} c={c} title={title(c)} />)}
        {!list.length && !waiting.length && <Empty d={chats} title={t('no_messages')} more={t('no_messages_more')} />}
      </div>
      <div class="w-f"><Start /></div>
    </>
  )
}
