import { afterEach, beforeEach, expect, it } from 'vitest'
import { clock, zone } from './time'

const before = process.env.TZ
beforeEach(() => void delete process.env.TZ)
afterEach(() => void (before === undefined ? delete process.env.TZ : (process.env.TZ = before)))

it.each([
  ['Shanghai', 'Asia/Shanghai', '2026-11-20T08:00:00Z', 'GMT+8'],
  ['London in winter', 'Europe/London', '2026-11-20T08:00:00Z', 'GMT'],
  ['London in summer', 'Europe/London', '2026-07-20T08:00:00Z', 'GMT+1'],
  ['Newfoundland', 'America/St_Johns', '2026-11-20T08:00:00Z', 'GMT-3:30'],
])('a promise read in %s names its zone', (_, place, at, want) => {
  process.env.TZ = place
  expect(zone(at)).toBe(want)
})

it.each([
  [59, '00:59'],
  [3727, '1:02:07'],
  [86_400 * 3, '3 d'],
])('%i seconds are %s', (seconds, want) => expect(clock(seconds, (n) => `${n} d`)).toBe(want))
