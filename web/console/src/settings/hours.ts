import type { Interval, Weekday } from '@everdesk/client/types'

export const weekdays: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** Minutes since midnight of "09:30"; NaN when it is not a time. "24:00" is the end of the day. */
export function minutes(text: string): number {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text)
  if (!match) return NaN
  const h = Number(match[1])
  const m = Number(match[2])
  return h > 24 || m > 59 || (h === 24 && m > 0) ? NaN : h * 60 + m
}

/** Reads "9", "930", "9:30" or "9：30" as "09:00" or "09:30"; empty when it is no time. */
export function readTime(typed: string): string {
  const match = /^(\d{1,2})(?:[:：.]?(\d{2}))?$/.exec(typed.trim())
  if (!match) return ''
  const text = `${(match[1] ?? '').padStart(2, '0')}:${match[2] ?? '00'}`
  return Number.isNaN(minutes(text)) ? '' : text
}

/** An interval that ends before it starts runs past midnight. */
export const overnight = (one: Interval): boolean => minutes(one.to) <= minutes(one.from)

export interface Block {
  day: Weekday
  /** Shares of the day, 0 to 1. */
  top: number
  height: number
  label: string
}

/** The week as drawn: what runs past midnight goes on in the next day's column. */
export function blocks(weekly: Partial<Record<Weekday, Interval[]>>): Block[] {
  const found: Block[] = []
  const day = 1440
  weekdays.forEach((name, at) => {
    for (const one of weekly[name] ?? []) {
      const from = minutes(one.from)
      const to = minutes(one.to)
      if (Number.isNaN(from) || Number.isNaN(to)) continue
      const label = `${one.from}–${one.to}`
      if (to > from) found.push({ day: name, top: from / day, height: (to - from) / day, label })
      else {
        found.push({ day: name, top: from / day, height: (day - from) / day, label })
        if (to > 0) found.push({ day: weekdays[(at + 1) % 7] ?? 'mon', top: 0, height: to / day, label: '' })
      }
    }
  })
  return found
}

export type IntervalFault = 'not_a_time' | 'empty' | 'overlap'

/** What is wrong with a day's intervals, by their place in the list. */
export function faults(list: Interval[]): Map<number, IntervalFault> {
  const found = new Map<number, IntervalFault>()
  const spans = list.map((one, at) => ({ at, from: minutes(one.from), to: minutes(one.to) }))
  for (const one of spans) {
    if (Number.isNaN(one.from) || Number.isNaN(one.to)) found.set(one.at, 'not_a_time')
    else if (one.from === one.to) found.set(one.at, 'empty')
  }
  const sound = spans.filter((one) => !found.has(one.at)).map((one) => ({ ...one, to: one.to <= one.from ? one.to + 1440 : one.to }))
  sound.sort((a, b) => a.from - b.from)
  for (let at = 1; at < sound.length; at++) {
    const before = sound[at - 1]
    const here = sound[at]
    if (before && here && here.from < before.to) found.set(here.at, 'overlap')
  }
  return found
}
