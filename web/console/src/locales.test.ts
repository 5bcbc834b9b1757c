import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const locales = ['zh-CN', 'en'] as const

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, at: string, into = new Map<string, string>()): Map<string, string> {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') into.set(`${at}.${key}`, value)
    else flat(value, `${at}.${key}`, into)
  }
  return into
}

const features = readdirSync(join(root, 'locales/en')).map((file) => file.replace('.json', ''))
const read = (locale: string, feature: string) => flat(JSON.parse(readFileSync(join(root, `locales/${locale}/${feature}.json`), 'utf8')) as Tree, feature)
const words = Object.fromEntries(locales.map((locale) => [locale, new Map(features.flatMap((feature) => [...read(locale, feature)]))])) as Record<(typeof locales)[number], Map<string, string>>
/** Each form of a plural has the same places; a language without plurals has one form. */
const forms = (text: string) => text.split(' | ')
const placesIn = (form: string) => String([...form.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort())
const places = (text: string) => [...new Set(forms(text).map(placesIn))].join(' or ')

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [readFileSync(path, 'utf8')] : []
  })
}

describe('the words', () => {
  it('are the same files in both languages', () => expect(readdirSync(join(root, 'locales/zh-CN')).sort()).toEqual(readdirSync(join(root, 'locales/en')).sort()))

  it('have the same keys in both languages', () => expect([...words['zh-CN'].keys()].sort()).toEqual([...words.en.keys()].sort()))

  it('leave the same places open in both languages', () => {
    const differing = [...words.en].filter(([key, text]) => places(text) !== places(words['zh-CN'].get(key) ?? ''))
    expect(differing.map(([key]) => key)).toEqual([])
  })

  it('exist for every key the pages name', () => {
    const named = new Set(sources(join(root, 'src')).flatMap((source) => [...source.matchAll(/\bt\(\s*'([a-z_]+\.[\w.-]+)'/g)].map((match) => match[1] ?? '')))
    expect([...named].filter((key) => !words.en.has(key))).toEqual([])
    expect(named.size).toBeGreaterThan(200)
  })

  it('are Chinese in Chinese: full-width punctuation after Chinese characters', () => {
    const wrong = [...words['zh-CN']].filter(([, text]) => /[\u4e00-\u9fff][,;:!?]/.test(text))
    expect(wrong).toEqual([])
  })

  it('put a space between Chinese and figures', () => {
    const wrong = [...words['zh-CN']].filter(([, text]) => /[\u4e00-\u9fff]\d|\d[\u4e00-\u9fff]/.test(text))
    expect(wrong).toEqual([])
  })

  it('never raise their voice', () => expect([...words.en, ...words['zh-CN']].filter(([, text]) => /[!！]/.test(text))).toEqual([]))
})
