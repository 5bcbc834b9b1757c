import { fold, type Thread } from './thread'
import type { Entry } from './wire'

interface Page { items: Entry[]; last_seq: number; has_more?: boolean }

/**
 * Fetches page by page until nothing lies behind. Each page is folded into the thread as it is by
 * then, so frames that arrive meanwhile are kept, and a cut loses none of the earlier pages.
 */
export async function heal(now: () => Thread, page: (after: number) => Promise<Page>, keep: (t: Thread, fresh: Entry[]) => void): Promise<void> {
  for (;;) {
    const after = now().have
    const got = await page(after)
    const newest = got.items.at(-1)?.seq ?? after
    const upTo = got.has_more ? newest : Math.max(newest, got.last_seq)
    keep(fold(now(), got.items, upTo), got.items)
    if (!got.has_more || upTo === after) return
  }
}
