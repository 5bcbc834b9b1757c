import { date } from '../app/dates'
import { answers, article } from '../app/help'
import { t } from '../app/i18n'
import { back, chat, s } from '../app/state'
import type { HelpItem } from '../app/wire'
import { chats, Icon } from '../ui/icons'
import { Bar } from '../ui/parts'
import { Away, Body, Skeleton } from './frame'
import { Markdown } from './markdown'
import { forget, mine } from '../app/mine'

/** One published answer; while the desk is away, what was kept of it. */
export function Article({ id, title }: { id: string; title: string }) {
  const [f, set] = mine<{ a?: HelpItem; lost?: boolean }>('article' + id, {}, (set) => article(id)
    .catch(async () => (await answers()).items.find((h) => h.article_id === id))
    .then((a) => set({ a, lost: !a }), () => set({ lost: true })))
  const { a } = f
  return (
    <>
      <Bar title={a?.title ?? title} sub={a?.updated_at && t('updated', { date: date(a.updated_at) })} onBack={back} />
      <Body label={title}>{f.lost ? <Away again={() => { forget('article' + id); set({}) }} /> : a ? <Markdown text={a.body ?? a.snippet} /> : <Skeleton of={[90, 96, 84, 60]} />}</Body>
      {!s.stack.some((v) => v.name === 'chat') && <div class="w-f"><button class="btn xl" onClick={() => chat()}><Icon d={chats} n={16} />{t('ask_about')}</button></div>}
    </>
  )
}
