import { t } from '../app/i18n'
import type { Op } from '../app/outbox'
import { type Kept, s, thread } from '../app/state'
import { browse } from '../ui/parts'
import { Contact } from './Contact'
import { promise, Promised } from './Promised'
import { Queue } from './Queue'
import { Rating } from './Rating'

const Offline = browse((m) => m.Offline)

function Typing({ id }: { id: string }) {
  const who = s.typing.get(id)
  if (!who || who.until < Date.now()) return null
  return <div class={'m dots ' + (who.kind === 'bot' ? 'bt' : 'hu')} role="status"><span class="sr">{t('typing', { name: who.name })}</span><i /><i /><i /></div>
}

/** What stands below the words: a promise and kept answers before those that still wait, the rest after them. */
export function After({ id, c, mine, part }: { id: string; c?: Kept; mine: Op[]; part: number }) {
  const off = s.link === 'off'
  if (!part) {
    return (
      <>
        {c?.ticket && !promise(thread(id).entries) && <Promised c={c} />}
        {off && <Offline about={mine.map(({ body: b }) => (b?.type === 'text' ? b.text : '')).join(' ')} />}
      </>
    )
  }
  return (
    <>
      <Typing id={id} />
      {c?.owner.kind === 'queue' && c.queue && <Queue c={c} />}
      {c?.contact_needed && <Contact id={id} />}
      {c?.state === 'resolved' && <Rating key={c.id} c={c} />}
    </>
  )
}
