import { describe, expect, it } from 'vitest'
import { fileSize, linked } from './text'
import { slashBefore } from './snippetPicker'

describe('links in text', () => {
  it('end before Chinese punctuation', () => {
    expect(linked('见 https://a.example/x?y=1，谢谢')).toEqual([{ text: '见 ' }, { text: 'https://a.example/x?y=1', href: 'https://a.example/x?y=1' }, { text: '，谢谢' }])
  })
  it('end before a full stop', () => expect(linked('https://a.example/x.')[0]?.href).toBe('https://a.example/x'))
  it('are never scripts', () => expect(linked('javascript:alert(1)')).toEqual([{ text: 'javascript:alert(1)' }]))
})

describe('the slash that opens snippets', () => {
  it.each([
    ['at the start', '/hi', 3, { from: 0, typed: 'hi' }],
    ['after a space', '好 /', 3, { from: 2, typed: '' }],
    ['not inside a word', 'a/b', 3, undefined],
    ['not in an address', 'https://x', 9, undefined],
  ])('%s', (_, text, caret, want) => expect(slashBefore(text, caret)).toEqual(want))
})

it('sizes of files are short', () => expect([fileSize(900), fileSize(41_200), fileSize(3_500_000)]).toEqual(['900 B', '40 KB', '3.3 MB']))
