import { describe, expect, it } from 'vitest'
import type { Author, Entry } from '@everdesk/client/types'
import { arrange, type Item } from './grouping'
import type { Pending } from './outbox'

const ann: Author = { kind: 'customer', id: 'cus_1', name: 'Ann' }
const me: Author = { kind: 'staff', id: 'stf_1', name: 'Gu' }
const bot: Author = { kind: 'bot', name: 'Wren' }
const at = (minute: number, day = 20) => `2026-11-${day}T08:${String(minute).padStart(2, '0')}:00Z`
const entry = (seq: number, author: Author, minute: number, more: Partial<Entry> = {}): Entry => ({
  id: `e${seq}`, conversation_id: 'c', seq, kind: 'message', author, body: { type: 'text', text: `t${seq}` }, private: false, created_at: at(minute), ...more,
})
const pending = (id: string, minute: number, more: Partial<Pending> = {}): Pending => ({
  client_id: id, conversation_id: 'c', kind: 'message', body: { type: 'text', text: id }, at: at(minute), state: 'sending', ...more,
})
const day = (time: string) => time.slice(0, 10)
const shape = (items: Item[]) => items.map((item) => (item.kind === 'group' ? `${item.side}:${item.bubbles.map((one) => one.entry?.seq ?? one.pending?.client_id).join(',')}` : item.kind))

describe('a thread', () => {
  it('groups one speaker within three minutes', () => {
    expect(shape(arrange([entry(1, ann, 0), entry(2, ann, 2), entry(3, ann, 6)], [], me, day))).toEqual(['day', 'in:1,2', 'in:3'])
  })
  it('starts a new group at every change of speaker', () => {
    expect(shape(arrange([entry(1, ann, 0), entry(2, bot, 0), entry(3, ann, 1), entry(4, me, 1)], [], me, day))).toEqual(['day', 'in:1', 'bot:2', 'in:3', 'out:4'])
  })
  it('keeps notes apart from replies of the same person', () => {
    expect(shape(arrange([entry(1, me, 0), entry(2, me, 0, { kind: 'note', private: true })], [], me, day))).toEqual(['day', 'out:1', 'note:2'])
  })
  it('draws a line where the day changes', () => {
    expect(shape(arrange([entry(1, ann, 59), entry(2, ann, 0, { created_at: at(0, 21) })], [], me, day))).toEqual(['day', 'in:1', 'day', 'in:2'])
  })
  it('shows moves as hairlines and lets them part groups', () => {
    const move = entry(2, me, 0, { kind: 'transition', body: { type: 'event', event: 'assigned', facts: {} } })
    expect(shape(arrange([entry(1, ann, 0), move, entry(3, ann, 0)], [], me, day))).toEqual(['day', 'in:1', 'event', 'in:3'])
  })
  it('tells a broken promise in one line, however often it was told', () => {
    const late = (seq: number, day: number) => entry(seq, { kind: 'system', name: '' }, seq, { kind: 'transition', created_at: at(seq, day), body: { type: 'event', event: 'overdue', facts: {} } })
    const items = arrange([entry(1, ann, 0), late(2, 20), late(3, 20), late(4, 21), entry(5, ann, 5, { created_at: at(5, 21) })], [], me, day)
    expect(shape(items)).toEqual(['day', 'in:1', 'event', 'day', 'in:5'])
    expect(items[2]).toMatchObject({ entry: { seq: 2 }, again: { seq: 4 } })
  })
  it('gives edits and recalls no line of their own', () => {
    const edit = entry(2, me, 1, { kind: 'edit', target: 1 })
    const recall = entry(3, me, 1, { kind: 'recall', target: 1 })
    expect(shape(arrange([entry(1, me, 0), edit, recall], [], me, day))).toEqual(['day', 'out:1'])
  })
  it('marks what is new once, before the first unread word of the customer', () => {
    expect(shape(arrange([entry(1, ann, 0), entry(2, me, 0), entry(3, ann, 1), entry(4, ann, 9)], [], me, day, 1))).toEqual(['day', 'in:1', 'out:2', 'unread', 'in:3', 'in:4'])
  })
  it('marks nothing when nothing was unread', () => {
    expect(shape(arrange([entry(1, ann, 0)], [], me, day))).toEqual(['day', 'in:1'])
  })
  it('puts what is being sent last, each on its own', () => {
    expect(shape(arrange([entry(1, me, 0)], [pending('a', 0), pending('b', 0)], me, day))).toEqual(['day', 'out:1', 'out:a', 'out:b'])
  })
  it('does not show twice what has arrived before its acknowledgement', () => {
    expect(shape(arrange([entry(1, me, 0, { client_id: 'a' })], [pending('a', 0)], me, day))).toEqual(['day', 'out:1'])
  })
})
