import { describe, expect, it } from 'vitest'
import { parseMarkdown } from './markdown'

describe('an article’s markdown', () => {
  it('knows paragraphs, strong words and numbered lists', () => {
    expect(parseMarkdown('签收后 **24 小时**内\n\n1. 找到了\n2. 没找到')).toEqual([
      { kind: 'p', inline: [{ kind: 'text', text: '签收后 ' }, { kind: 'strong', text: '24 小时' }, { kind: 'text', text: '内' }] },
      { kind: 'ol', items: [[{ kind: 'text', text: '找到了' }], [{ kind: 'text', text: '没找到' }]] },
    ])
  })
  it('links only to the web and to our own pages', () => {
    expect(parseMarkdown('[a](https://x.example) [b](javascript:alert(1))')[0]).toMatchObject({ inline: [{ kind: 'link', href: 'https://x.example' }, { kind: 'text' }] })
  })
  it('keeps HTML as the words it is', () => {
    expect(parseMarkdown('<img src=x onerror=alert(1)>')).toEqual([{ kind: 'p', inline: [{ kind: 'text', text: '<img src=x onerror=alert(1)>' }] }])
  })
})
