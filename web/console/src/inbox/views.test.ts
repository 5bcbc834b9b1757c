import { describe, expect, it } from 'vitest'
import type { Conversation } from '@everdesk/client/types'
import { belongs, order, pressure } from './views'

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

describe('pressure', () => {
  const start = '2026-11-20T08:00:00Z'
  const due = '2026-11-20T09:00:00Z'
  it.each([
    ['plain while there is time', '2026-11-20T08:30:00Z', 'none'],
    ['amber in the last quarter', '2026-11-20T08:46:00Z', 'warn'],
    ['red from the moment it is late', '2026-11-20T09:00:00Z', 'bad'],
  ])('%s', (_, now, want) => expect(pressure(start, due, Date.parse(now))).toBe(want))
})
