import { describe, expect, it } from 'vitest'
import type { Conversation } from '@everdesk/client/types'
import { belongs, lastWords, order, pressure, seenUpTo } from './views'

const row = (more: Partial<Conversation>): Conversation => ({ id: 'cnv_1', state: 'open', owner: { kind: 'agent', staff: { id: 'stf_1', name: 'Gu' } }, updated_at: '2026-11-20T08:00:00Z', ...more }) as Conversation

describe('a view', () => {
  it.each([
    ['mine holds what I own', row({}), 'mine', true],
    ['mine leaves a colleague’s out', row({ owner: { kind: 'agent', staff: { id: 'stf_2', name: 'Ada' } } }), 'mine', false],
    ['mine drops what I resolved', row({ state: 'resolved' }), 'mine', false],
    ['the queue holds whoever waits', row({ owner: { kind: 'queue' } }), 'queue', true],
    ['open holds the bot’s as well', row({ owner: { kind: 'bot' } }), 'open', true],
    ['resolved holds only that', row({ state: 'resolved', owner: { kind: 'none' } }), 'resolved', true],
  ] as const)('%s', (_, given, view, want) => expect(belongs(given, view, 'stf_1')).toBe(want))

  it('narrowed to a team leaves other teams out', () => {
    expect(belongs(row({ owner: { kind: 'queue', team: { id: 't1', name: 'A' } } }), 'queue', 'stf_1', 't2')).toBe(false)
  })
  it('lists the longest wait first in the queue, the newest word first elsewhere', () => {
    const early = row({ id: 'a', waiting_since: '2026-11-20T08:00:00Z', updated_at: '2026-11-20T08:00:00Z' })
    const late = row({ id: 'b', waiting_since: '2026-11-20T08:05:00Z', updated_at: '2026-11-20T08:05:00Z' })
    expect([late, early].sort(order('queue')).map((one) => one.id)).toEqual(['a', 'b'])
    expect([early, late].sort(order('open')).map((one) => one.id)).toEqual(['b', 'a'])
  })
})

describe('the words of a row', () => {
  const summary = { questions: ['Where is my lamp?', 'A person, please'] } as Conversation['summary']
  const said = (author_kind: string, preview: string) => ({ kind: 'message', author_kind, author_name: 'Gu', preview, at: '2026-11-20T08:00:00Z' }) as Conversation['last_entry']
  it.each([
    ['are the customer’s while they wait, not the bot’s excuse', row({ owner: { kind: 'queue' }, summary, last_entry: said('bot', 'I do not know') }), { text: 'A person, please' }],
    ['are the customer’s under a ticket, not the receipt', row({ owner: { kind: 'ticket' }, summary, last_entry: said('system', 'Noted as #1') }), { text: 'A person, please' }],
    ['are a colleague’s once one has answered', row({ summary, last_entry: said('staff', 'It leaves today') }), { by: 'Gu', text: 'It leaves today' }],
    ['are the last ones while the bot has it', row({ owner: { kind: 'bot' }, summary, last_entry: said('bot', 'Within 2 days') }), { text: 'Within 2 days' }],
    ['are the last ones once it is over', row({ state: 'resolved', owner: { kind: 'none' }, summary, last_entry: said('system', 'Closed') }), { text: 'Closed' }],
    ['are none before anybody spoke', row({}), { text: '' }],
  ])('%s', (_, given, want) => expect(lastWords(given)).toEqual(want))
})

it.each([
  ['up to the row while the messages are on their way', 7, 0, 7],
  ['up to the messages once they are here', 7, 9, 9],
  ['never further than the messages, though the row knows of more', 9, 7, 7],
])('a conversation is seen %s', (_, last_seq, thread, want) => expect(seenUpTo({ last_seq }, thread)).toBe(want))

describe('pressure', () => {
  const start = '2026-11-20T08:00:00Z'
  const due = '2026-11-20T09:00:00Z'
  it.each([
    ['plain while there is time', '2026-11-20T08:30:00Z', 'none'],
    ['amber in the last quarter', '2026-11-20T08:46:00Z', 'warn'],
    ['red from the moment it is late', '2026-11-20T09:00:00Z', 'bad'],
  ])('%s', (_, now, want) => expect(pressure(start, due, Date.parse(now))).toBe(want))
})
