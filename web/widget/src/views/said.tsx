import { clock, date, when } from '../app/dates'
import { t, type Key } from '../app/i18n'
import { person, say } from '../app/send'
import { back, conv, go, type Kept, s, thread } from '../app/state'
import type { Body, Entry, RichBody } from '../app/wire'
import { botName, WantPerson } from '../ui/Chat'
import { good, next, off, page, people, poor, tick, ticket, ticks, warn } from '../ui/glyphs'
import { bot, human, Icon } from '../ui/icons'
import { Bar, Mark, wear } from '../ui/parts'
import { Text } from './Text'
import css from '../style/said.css?inline'
import { Face } from './Face'
import { Markdown } from './markdown'
import { promise, Promised } from './Promised'
import { Rich } from './Rich'

wear(css)
/** Who is on the other side, and the way to a person while it is a bot. */
export function Head({ id, c }: { id: string; c?: Kept }) {
  const name = c?.owner.agent_name, shop = s.config.name, kind = c ? (c.state === 'resolved' ? 'done' : c.owner.kind) : 'bot', src = c?.owner.agent_avatar
  const byBot = kind === 'bot' || kind === 'none'
  const [mark, title, sub] =
    s.link === 'off' ? [<Mark d={off} />, byBot ? shop || botName() : name ?? shop, t('away')]
    : kind === 'agent' || (kind === 'done' && name) ? [<Face name={name ?? shop} src={src} />, name ?? shop, t(kind === 'done' ? 'ended' : 'person_here')]
    : kind === 'queue' ? [<Mark d={people} />, t('connecting'), shop]
    : kind === 'ticket' ? [<Mark d={ticket} tone="liveav" />, t('ticketed'), c?.ticket && `#${c.ticket.number}`]
    : kind === 'done' ? [<Mark d={tick} />, shop, t('ended')]
    : [<Mark d={bot} tone="botav" />, botName(), t('bot_here')]
  return <Bar mark={mark} title={title} sub={sub} onBack={back}>{byBot && <WantPerson id={id} />}</Bar>
}

/** What is true, since when, and what happens to the words. */
export const Lost = () => (
  <div class="w-s" role="status"><Icon d={off} n={15} /><span><b>{t(navigator.onLine ? 'desk_down' : 'net_down')}</b> {t('off_long')}{s.synced && t('synced', { time: clock(s.synced) })}</span></div>
)

/** Sent, delivered or read, by what the desk says of the entry and how far the other side has read. */
function Fate({ e, id }: { e: Entry; id: string }) {
  const state = (conv(id)?.staff_read_seq ?? 0) >= e.seq ? 'read' : e.delivery?.state ?? 'sent'
  return <p class={'by r' + (state === 'failed' ? ' bad' : '')}><Icon d={state === 'read' || state === 'delivered' ? ticks : state === 'failed' ? warn : tick} n={12} />{t(`state_${state}`)} <span class="num">{clock(e.created_at)}</span></p>
}

const EVENTS = /^(handed_over|queued|assigned|transferred|returned_to_(queue|bot)|ticketed|resolved|reopened|contact_left)$/

function Event({ e, id }: { e: Entry; id: string }) {
  const b = e.body, c = conv(id)
  if (c?.ticket && promise(thread(id).entries) === e) return <Promised c={c} />
  if (b.type === 'rating') return <p class="evt"><span>{t('rated', { n: b.score })}</span></p>
  if (b.type !== 'event' || !EVENTS.test(b.event)) return null
  const who = b.facts?.agent_name ?? b.facts?.name, name = typeof who === 'string' ? who : e.author.kind === 'staff' ? e.author.name : ''
  return <p class="evt"><span>{t((name && /^(assigned|transferred)$/.test(b.event) ? 'event_assigned_by' : name && b.event === 'resolved' ? 'event_resolved_by' : 'event_' + b.event) as Key, { name })}</span></p>
}

/** The way to a person is always the last chip, whether the bot offered it or not. */
const Choices = ({ b, id, live }: { b: Body & { type: 'choices' }; id: string; live: boolean }) => (
  <div class="m bt">
    {b.text}
    <div class="chips">
      {b.choices.map((c) => c.value !== 'person' && <button class="pick"key={c.value} disabled={!live} onClick={() => void say(id, c.label)}>{c.label}</button>)}
      <button class="pick hum" disabled={!live} onClick={() => void person(id, t('want_person'))}><Icon d={human} n={14} />{t(b.choices.some((c) => c.value !== 'person') ? 'none_of_these' : 'person')}</button>
    </div>
  </div>
)

const Sources = ({ b }: { b: Body & { type: 'answer' } }) => (
  <>{b.sources?.map((x) => (
    <button class="src" key={x.article_id} onClick={() => go({ name: 'article', id: x.article_id, title: x.title })}>
      <Icon d={page} /><span class="sp"><b class="cut">{x.title}</b><span class="sub">{t('source', { date: date(x.updated_at) })}</span></span><Icon d={next} n={14} />
    </button>
  ))}</>
)

function Useful({ b, seq, id }: { b: Body & { type: 'answer' }; seq: number; id: string }) {
  const mark = (value: 'up' | 'down') => {
    b.feedback = value
    void s.box.add({ conv: id, kind: 'feedback', extra: { seq, value } })
  }
  return <>{(['up', 'down'] as const).map((v) => (
    <button class="use" key={v} aria-pressed={b.feedback === v} onClick={() => mark(v)}><Icon d={v === 'up' ? good : poor} n={13} />{t(v === 'up' ? 'useful' : 'useless')}</button>
  ))}</>
}

const same = (a: Entry, b?: Entry) => b?.kind === 'message' && a.author.kind === b.author.kind && a.author.name === b.author.name && Math.abs(Date.parse(a.created_at) - Date.parse(b.created_at)) < 18e4

const day = (e?: Entry) => e && new Date(e.created_at).toDateString()

/** One entry. Neighbours by one author within three minutes share one line of name and time. */
export function Said({ e, before, after, id, quiet }: { e: Entry; before?: Entry; after?: Entry; id: string; quiet: boolean }) {
  const b = e.body, mine = e.author.kind === 'customer', byBot = !mine && e.author.kind !== 'staff', cls = mine ? 'me' : byBot ? 'bt' : 'hu'
  const live = !after && !quiet, last = b.type === 'answer' || !same(e, after)
  return (
    <>
      {day(before) !== day(e) && <p class="day num">{when(e.created_at, true)}</p>}
      {e.kind !== 'message' ? <Event e={e} id={id} /> : (
        <>
          {b.type === 'recalled' ? <p class={`m gone ${cls}`}>{t('recalled')}</p>
            : b.type === 'text' ? <p dir="auto" class={'m ' + cls}><Text text={b.text} /></p>
            : b.type === 'answer' ? <div class="m bt"><Markdown text={b.text} /></div>
            : b.type === 'choices' ? <Choices b={b} id={id} live={live} />
            : b.type !== 'event' && b.type !== 'rating' && <Rich b={b as RichBody} cls={cls} id={id} live={live} />}
          {b.type === 'answer' && <Sources b={b} />}
          {last && (mine ? <Fate e={e} id={id} /> : (
            <p class="by">
              {byBot && <span class="bot"><Icon d={bot} n={12} /></span>}{byBot ? botName() : e.author.name} · <span class="num">{clock(e.created_at)}</span>{e.edited_at && <span>· {t('edited')}</span>}
              {b.type === 'answer' && <Useful b={b} seq={e.seq} id={id} />}
            </p>
          ))}
        </>
      )}
    </>
  )
}
