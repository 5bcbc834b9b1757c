import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import coreEn from '../src/locales/core.en.json'
import coreZh from '../src/locales/core.zh-CN.json'
import moreEn from '../src/locales/more.en.json'
import moreZh from '../src/locales/more.zh-CN.json'

const en: Record<string, string> = { ...coreEn, ...moreEn }, zh: Record<string, string> = { ...coreZh, ...moreZh }
const places = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort()

const root = new URL('../src/', import.meta.url)
const sources = ['app/', 'ui/', 'views/', ''].flatMap((d) => readdirSync(new URL(d, root)).filter((f) => /\.tsx?$/.test(f)).map((f) => readFileSync(new URL(d + f, root), 'utf8'))).join('\n')

describe('the two languages', () => {
  test('say the same things', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en))
    for (const k in en) expect(places(zh[k]!), k).toEqual(places(en[k]!))
  })

  test('no text stands in both files of a language', () => {
    expect(Object.keys(coreEn).filter((k) => k in moreEn)).toEqual([])
  })

  test('nothing is left empty, and Chinese uses its own punctuation', () => {
    for (const k in zh) {
      expect(zh[k]!.trim(), k).not.toBe('')
      expect(en[k]!.trim(), k).not.toBe('')
      expect(zh[k], k).not.toMatch(/[一-鿿][,;:!?()]|[,;:!?][一-鿿]/)
    }
  })

  test('Chinese keeps a space between characters and figures', () => {
    for (const k in zh) expect(zh[k], k).not.toMatch(/[一-鿿]\d|\d[一-鿿]|[一-鿿]\{(n|of|number|low)\}|\{(n|of|number|high)\}[一-鿿]/)
  })

  test('every text is used somewhere', () => {
    const made = [/^tab_/, /^state_/, /^event_/, /^status_/, /^field_/, /^rate_\d/, /^why_/, /^way_/, /^bad_/]
    for (const k in en) if (!made.some((m) => m.test(k))) expect(sources.includes(`'${k}'`), k).toBe(true)
  })
})
