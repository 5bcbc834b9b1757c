import type core from '../locales/core.en.json'
import type rest from '../locales/more.en.json'

export type Locale = 'zh-CN' | 'en'
export type Key = keyof typeof core | keyof typeof rest
type Words = Record<string, string>

// What the first screen says comes first; what the other views say comes with the first of them.
const load = (to: Locale): Promise<{ default: Words }> => (to === 'en' ? import('../locales/core.en.json') : import('../locales/core.zh-CN.json'))

export let words: Words = {}
/** Adds the words of the other views once one of them is here. */
export const more: { add?(): Promise<void> } = {}
export let locale: Locale = 'en'

/** The first of the wishes that we speak; Chinese of any region is zh-CN, everything else English. */
export function choose(...wishes: (string | null | undefined)[]): Locale {
  for (const w of wishes) {
    if (!w) continue
    if (/^zh/i.test(w)) return 'zh-CN'
    if (/^en/i.test(w)) return 'en'
  }
  return 'en'
}

export async function speak(to: Locale) {
  words = { ...(await load(to)).default }
  locale = document.documentElement.lang = to
  await more.add?.()
}

/** The text for a key with its `{name}` places filled. */
export const t = (key: Key, fill?: Record<string, string | number>): string =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(fill?.[name] ?? ''))

/** A text the shop wrote once per language, or once for all. */
export const said = (text?: string | Record<string, string>): string =>
  typeof text === 'string' ? text : text?.[locale] ?? text?.en ?? Object.values(text ?? {})[0] ?? ''
