import { describe, expect, it } from 'vitest'
import { Drafts, type Shelf } from './drafts'

function shelf(): Shelf & { kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return { kept, getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value), removeItem: (name) => void kept.delete(name) }
}
const note = (text: string) => ({ text, mode: 'message' as const })

describe('drafts', () => {
  it('survive a reload, each with its conversation', () => {
    const box = shelf()
    new Drafts('stf_1', box).set('a', { text: '您好', mode: 'note', reply_to: 3 }, 1)
    expect(new Drafts('stf_1', box).get('a')).toEqual({ text: '您好', mode: 'note', reply_to: 3, at: 1 })
  })
  it('are not shown to the next person at this computer', () => {
    const box = shelf()
    new Drafts('stf_1', box).set('a', note('x'), 1)
    expect(new Drafts('stf_2', box).get('a')).toBeUndefined()
  })
  it('are gone once sent, and leave nothing behind', () => {
    const box = shelf()
    const drafts = new Drafts('stf_1', box)
    drafts.set('a', note('x'), 1)
    drafts.set('a', note('  '), 2)
    expect(drafts.has('a')).toBe(false)
    expect(box.kept.size).toBe(0)
  })
  it('are at most two hundred; the oldest go', () => {
    const drafts = new Drafts('stf_1', shelf())
    for (let n = 0; n < 205; n++) drafts.set(`c${n}`, note('x'), n)
    expect(drafts.has('c4')).toBe(false)
    expect(drafts.has('c5')).toBe(true)
  })
  it('live on in the page when storage refuses', () => {
    const drafts = new Drafts('stf_1', { getItem: () => '{broken', setItem: () => { throw new Error('full') }, removeItem: () => undefined })
    drafts.set('a', note('x'), 1)
    expect(drafts.get('a')?.text).toBe('x')
  })
})
