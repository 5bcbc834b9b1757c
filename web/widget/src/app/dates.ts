import { locale } from './i18n'

export const clock = (iso: string) => new Date(iso).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

const day = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()

/** 14:22 (with `always`: today 14:22), or "yesterday 14:22", or "3 Nov 14:22": as much of the date as is needed. */
export function when(iso: string, always = false, now = new Date()): string {
  const at = new Date(iso), days = Math.round((day(at) - day(now)) / 864e5)
  if (!days && !always) return clock(iso)
  const near = Math.abs(days) < 2 && new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day')
  return `${near || date(iso)} ${clock(iso)}`
}

/** How far from Greenwich this browser is at that time: GMT+8. */
export const zone = (iso: string) => new Intl.DateTimeFormat('en', { timeZoneName: 'shortOffset' }).format(new Date(iso)).split(' ').at(-1)

export const date = (iso: string) => new Date(iso).toLocaleDateString(locale, { month: locale === 'en' ? 'short' : 'long', day: 'numeric' }).replace(/(\d+)/g, locale === 'en' ? '$1' : ' $1 ').trim()
