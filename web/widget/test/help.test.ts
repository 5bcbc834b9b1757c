import { expect, test } from 'vitest'
import { closest } from '../src/app/help'
import { subject } from '../src/app/line'
import { choose } from '../src/app/i18n'

const items = [
  { article_id: 'a', title: '退货和换货怎么办理', snippet: '签收后 7 天内' },
  { article_id: 'b', title: '羊毛织物怎么洗护', snippet: '30°C 以下，不要烘干' },
  { article_id: 'c', title: 'How to descale the kettle', snippet: 'Use vinegar' },
]

test('kept answers are ranked by what they share with the words', () => {
  expect(closest(items, '羊毛衫能洗吗，怎么洗护', 1)[0]!.article_id).toBe('b')
  expect(closest(items, 'my kettle needs to be descaled, descale it', 1)[0]!.article_id).toBe('c')
})

test('the subject of a signed identity is read without trusting it', () => {
  const part = (o: object) => Buffer.from(JSON.stringify(o)).toString('base64url')
  expect(subject(`${part({ alg: 'HS256' })}.${part({ sub: '用户-7' })}.x`)).toBe('用户-7')
  expect(subject('nonsense')).toBeUndefined()
})

test('the first language we speak is chosen', () => {
  expect(choose(undefined, 'fr-FR', 'zh-TW')).toBe('zh-CN')
  expect(choose('', 'en-GB', 'zh')).toBe('en')
  expect(choose('fr')).toBe('en')
})
