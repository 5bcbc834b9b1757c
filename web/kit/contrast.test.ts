import { expect, it } from 'vitest'
import { contrast } from './contrast'

it.each([
  ['black on white is the most there is', '#000000', '#ffffff', 21],
  ['a colour on itself cannot be read', '#8e3e36', '#8e3e36', 1],
  ['order does not matter', '#ffffff', '#767676', 4.54],
  ['no colour, no contrast', 'red', '#ffffff', 0],
])('%s', (_, one, other, want) => expect(contrast(one, other)).toBeCloseTo(want, 2))
