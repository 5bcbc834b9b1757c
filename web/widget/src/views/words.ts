import { locale, more, words } from '../app/i18n'

// Whatever view comes first brings the words of all of them; nothing is drawn before they are here.
more.add = async () => { Object.assign(words, ((await (locale === 'en' ? import('../locales/more.en.json') : import('../locales/more.zh-CN.json'))) as { default: Record<string, string> }).default) }
await more.add()
