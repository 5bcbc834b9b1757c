import type { HelpItem } from './wire'
import { under } from './db'
import { locale } from './i18n'
import { s } from './state'
import { desk } from './sync'

interface Snapshot { k: string; v: string; at: string; items: HelpItem[] }

const where = (path: string) => `${path}${path.includes('?') ? '&' : '?'}key=${encodeURIComponent(s.key)}&locale=${locale}`

const open = <T>(path: string) => desk<T>(where(path))

/** Published answers: what the desk says now, else what was kept when it last said so. */
export async function answers(): Promise<{ items: HelpItem[]; at: string; old: boolean }> {
  const k = 'help-' + locale
  try {
    const { items } = await open<{ items: HelpItem[] }>('/help?limit=100')
    const at = new Date().toISOString()
    await s.place.put('kv', { v: s.key, k, at, items }).catch(() => undefined)
    return { items, at, old: false }
  } catch (e) {
    const [kept] = await s.place.all<Snapshot>('kv', under(s.key, k)).catch(() => [])
    if (!kept) throw e
    return { items: kept.items, at: kept.at, old: true }
  }
}

export const search = (q: string) => open<{ items: HelpItem[] }>('/help?q=' + encodeURIComponent(q))

export const article = (id: string) => open<HelpItem>('/help/' + encodeURIComponent(id))

/** Words of Latin text, pairs of characters of Chinese. */
function marks(text: string): Set<string> {
  const out = new Set<string>(text.toLowerCase().match(/[a-z0-9]{2,}/g) ?? [])
  for (const run of text.match(/[\u3400-\u9fff]+/g) ?? []) for (let i = 0; i + 1 < run.length; i++) out.add(run.slice(i, i + 2))
  return out
}

/** Kept answers, the ones that share most with the words first. Good enough while the desk is away. */
export function closest(items: HelpItem[], words: string, n: number): HelpItem[] {
  const q = marks(words)
  const score = (h: HelpItem) => {
    let sum = 0
    for (const m of marks(h.title)) if (q.has(m)) sum += 2
    for (const m of marks(h.body ?? h.snippet)) if (q.has(m)) sum += 0.5
    return sum / Math.sqrt(8 + h.title.length)
  }
  return items.map((h) => [score(h), h] as const).sort((a, b) => b[0] - a[0]).slice(0, n).map((x) => x[1])
}
