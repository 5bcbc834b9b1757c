import { computed, onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { spaced } from './spacing'

const now = ref(Date.now())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The present time, moving once a second while somebody looks. */
function useNow() {
  if (watchers++ === 0) {
    now.value = Date.now()
    timer = setInterval(() => {
      if (!document.hidden) now.value = Date.now()
    }, 1000)
  }
  onScopeDispose(() => {
    if (--watchers === 0) clearInterval(timer)
  })
  return now
}

/** "04:12", "1:02:07", "3 d": a length of time in as few signs as it needs. */
export function clock(seconds: number, days: (n: number) => string): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole >= 86_400 * 2) return days(Math.floor(whole / 86_400))
  const two = (n: number) => String(n).padStart(2, '0')
  const h = Math.floor(whole / 3600)
  const m = Math.floor((whole % 3600) / 60)
  return h > 0 ? `${h}:${two(m)}:${two(whole % 60)}` : `${two(m)}:${two(whole % 60)}`
}

export function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate()
}

/** This browser's distance from Greenwich at a moment, "GMT+8". */
export function zone(at: string): string {
  return new Intl.DateTimeFormat('en', { timeZoneName: 'shortOffset' }).formatToParts(new Date(at)).find((part) => part.type === 'timeZoneName')?.value.replace(/[+-]0$/, '') ?? ''
}

export function useTime() {
  const { t, locale } = useI18n()
  const current = useNow()
  const formats = computed(() => ({
    time: new Intl.DateTimeFormat(locale.value, { hour: '2-digit', minute: '2-digit', hour12: false }),
    day: new Intl.DateTimeFormat(locale.value, { month: 'short', day: 'numeric' }),
    weekday: new Intl.DateTimeFormat(locale.value, { weekday: 'short' }),
    year: new Intl.DateTimeFormat(locale.value, { year: 'numeric', month: 'short', day: 'numeric' }),
    full: new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'medium', hour12: false }),
  }))

  const time = (at: string) => formats.value.time.format(new Date(at))
  const full = (at: string) => spaced(formats.value.full.format(new Date(at)))

  /** Today, yesterday, a date; for separators. */
  function day(at: string): string {
    const then = new Date(at)
    const today = new Date(current.value)
    if (sameDay(then, today)) return t('shell.time.today')
    if (sameDay(then, new Date(current.value - 86_400_000))) return t('shell.time.yesterday')
    return spaced((then.getFullYear() === today.getFullYear() ? formats.value.day : formats.value.year).format(then))
  }

  /** "today 14:22", for a moment that may also lie ahead. */
  function when(at: string): string {
    const then = new Date(at)
    if (sameDay(then, new Date(current.value + 86_400_000))) return t('shell.time.at', { day: t('shell.time.tomorrow'), time: time(at) })
    return t('shell.time.at', { day: day(at), time: time(at) })
  }

  /** The same in the middle of a sentence: "last used today 14:22". */
  const amid = (at: string) => when(at).replace(/^(Today|Yesterday|Tomorrow)\b/, (word) => word.toLowerCase())

  /** The same with the zone it is told in, for promises: whoever made them may be elsewhere. */
  const whenIn = (at: string) => `${when(at)} ${zone(at)}`

  /** How long ago, for lists. */
  function ago(at: string): string {
    const seconds = Math.max(0, (current.value - Date.parse(at)) / 1000)
    if (seconds < 60) return t('shell.time.now')
    if (seconds < 3600) return t('shell.time.minutes', { n: Math.floor(seconds / 60) })
    if (seconds < 86_400 && sameDay(new Date(at), new Date(current.value))) return time(at)
    return day(at)
  }

  /** A span in words, for sentences. */
  function span(seconds: number): string {
    if (seconds < 60) return t('shell.time.seconds', { n: Math.round(seconds) })
    if (seconds < 3600) return t('shell.time.minutes', { n: Math.round(seconds / 60) })
    if (seconds < 86_400) return t('shell.time.hours', { n: Math.floor(seconds / 360) / 10 })
    return t('shell.time.days', { n: Math.floor(seconds / 86_400) })
  }

  const count = (seconds: number) => clock(seconds, (n) => t('shell.time.days', { n }))
  return { now: current, time, full, day, when, amid, whenIn, ago, span, count }
}
