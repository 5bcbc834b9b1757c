import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import { speak } from '@everdesk/client/api'
import type { Locale } from '@everdesk/client/types'
import { remember, recall } from './prefs'
import { spaced } from './spacing'

type Messages = Record<string, unknown>

const files = import.meta.glob<{ default: Messages }>('../../locales/*/*.json')
const loaded = new Set<string>()

export const locales: { value: Locale; label: string }[] = [
  { value: 'zh-CN', label: '中文' },
  { value: 'en', label: 'English' },
]

export const i18n = createI18n<false>({
  postTranslation: (text) => (typeof text === 'string' ? spaced(text) : text),
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  missingWarn: false,
  fallbackWarn: false,
  messages: {},
})

export const locale = () => i18n.global.locale.value as Locale

/** Loads the words of some features in the present language. */
export async function loadWords(features: string[], of: Locale = locale()): Promise<void> {
  await Promise.all(
    features.map(async (feature) => {
      const path = `../../locales/${of}/${feature}.json`
      if (loaded.has(path)) return
      const words = await files[path]?.()
      if (!words) return
      i18n.global.mergeLocaleMessage(of, { [feature]: words.default })
      loaded.add(path)
    }),
  )
}

const features = () => new Set([...loaded].map((path) => path.split('/').at(-1)?.replace('.json', '') ?? ''))

/** Switches the language of the page; every feature in use is loaded first. */
export async function setLocale(to: Locale): Promise<void> {
  await loadWords([...features()], to)
  i18n.global.locale.value = to
  document.documentElement.lang = to
  remember('locale', to)
  speak(to)
  await nextTick()
}

export async function startLocale(): Promise<void> {
  const wanted = recall('locale') ?? document.documentElement.lang
  const first: Locale = wanted === 'zh-CN' ? 'zh-CN' : 'en'
  i18n.global.locale.value = first
  document.documentElement.lang = first
  speak(first)
  await loadWords(['shell'], first)
}
