import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { axes, facts, price, type Product, stock } from '../src/goods'
import { COLOURS, pictures } from '../src/pictures'
import { pages, words } from '../src/words'

const pack = new URL('../../../packs/ecommerce/', import.meta.url)
const goods = JSON.parse(readFileSync(new URL('products.json', pack), 'utf8')) as Product[]

test('every product has its picture, and every colour is known', () => {
  for (const p of goods) {
    expect(pictures, p.product_id).toContain(p.image)
    for (const a of ['color', 'scent']) if (Array.isArray(p.attributes[a])) for (const c of p.attributes[a]) expect(COLOURS[c], `${p.product_id} ${c}`).toBeTruthy()
  }
})

test('every page the answers lead to exists', () => {
  const faq = ['faq.en.jsonl', 'faq.zh-CN.jsonl'].map((f) => readFileSync(new URL(f, pack), 'utf8')).join('')
  const known = new Set(['size-guide', 'bag', 'account', 'orders', ...Object.keys(pages)])
  for (const [, path] of faq.matchAll(/\]\(\/demo\/([\w-]+)\)/g)) expect(known, path).toContain(path)
})

test('stock is counted by what is chosen', () => {
  const p = goods[0]!
  expect(axes(p)).toEqual(['color', 'size'])
  expect(stock(p, { color: 'maple red', size: 'L' })).toBe(12)
  expect(stock(p, { color: 'maple red', size: 'XL' })).toBe(0)
  expect(stock(p, {})).toBe(p.attributes.stock)
})

test('each language has its currency, its words and the same pages', () => {
  expect(price(goods[0]!, 'zh-CN')).toBe('¥ 429')
  expect(price(goods[0]!, 'en')).toBe('$62')
  expect(facts(goods[0]!, 'zh-CN').map(([k]) => k)).toContain('材质')
  expect(Object.keys(words.en)).toEqual(Object.keys(words['zh-CN']))
  for (const p of Object.values(pages)) expect(p.en.sections.map((s) => s[1].length)).toEqual(p['zh-CN'].sections.map((s) => s[1].length))
})
