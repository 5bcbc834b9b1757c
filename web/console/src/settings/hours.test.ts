import { describe, expect, it } from 'vitest'
import { blocks, faults, readTime } from './hours'

describe('times as people type them', () => {
  it.each([
    ['9', '09:00'],
    ['930', '09:30'],
    ['9:05', '09:05'],
    ['9：05', '09:05'],
    ['24:00', '24:00'],
    ['24:30', ''],
    ['12:75', ''],
    ['noon', ''],
  ])('%s is %s', (typed, want) => expect(readTime(typed)).toBe(want))
})

describe('a day’s hours', () => {
  it('may be several', () => expect(faults([{ from: '09:00', to: '12:00' }, { from: '13:00', to: '18:00' }]).size).toBe(0))
  it('may touch', () => expect(faults([{ from: '09:00', to: '12:00' }, { from: '12:00', to: '18:00' }]).size).toBe(0))
  it('may not overlap', () => expect(faults([{ from: '09:00', to: '12:00' }, { from: '11:00', to: '18:00' }]).get(1)).toBe('overlap'))
  it('may not be nothing', () => expect(faults([{ from: '09:00', to: '09:00' }]).get(0)).toBe('empty'))
})

it('a night shift goes on in the next day’s column', () => {
  expect(blocks({ sun: [{ from: '22:00', to: '06:00' }] }).map((one) => [one.day, one.top, Number(one.height.toFixed(3))])).toEqual([
    ['sun', 22 / 24, 0.083],
    ['mon', 0, 0.25],
  ])
})
