import { describe, expect, it } from 'vitest'
import type { Ticket } from '@everdesk/client/types'
import { groupByPromise } from './grouping'

const now = new Date(2026, 10, 20, 14, 0).getTime()
const ticket = (number: number, inMinutes: number): Ticket => ({ id: `t${number}`, number, promised_at: new Date(now + inMinutes * 60_000).toISOString() }) as Ticket

describe('tickets by promise', () => {
  it('fall into groups by when the promise ends, the next first', () => {
    const groups = groupByPromise([ticket(1, 3000), ticket(2, -5), ticket(3, 30), ticket(4, 300), ticket(5, 1200), ticket(6, -50)], now)
    expect(groups.map((group) => [group.when, group.tickets.map((one) => one.number)])).toEqual([
      ['breached', [6, 2]],
      ['hour', [3]],
      ['today', [4]],
      ['tomorrow', [5]],
      ['later', [1]],
    ])
  })
  it('are late only while they are open', () => {
    const groups = groupByPromise([{ ...ticket(1, -5), status: 'resolved' }, { ...ticket(2, -5), status: 'open' }], now)
    expect(groups.map((group) => group.when)).toEqual(['breached', 'settled'])
  })
  it('have no empty groups', () => expect(groupByPromise([], now)).toEqual([]))
})
