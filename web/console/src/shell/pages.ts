import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'
import { asProblem, type Problem } from '@everdesk/client/api'
import type { Page } from '@everdesk/client/types'

/** A list read page by page; a change of its keys starts it over. */
export function usePages<T>(read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>, keys: WatchSource<unknown>[] = []) {
  const items = shallowRef<T[]>([])
  const problem = shallowRef<Problem>()
  const loaded = ref(false)
  const busy = ref(false)
  const more = ref(false)
  let cursor: string | undefined
  let current: AbortController | undefined

  async function load(from: string | undefined): Promise<void> {
    current?.abort()
    const mine = (current = new AbortController())
    busy.value = true
    try {
      const page = await read(from, mine.signal)
      if (mine.signal.aborted) return
      items.value = from ? [...items.value, ...page.items] : page.items
      cursor = page.next_cursor
      more.value = !!cursor
      loaded.value = true
      problem.value = undefined
    } catch (error) {
      if (!mine.signal.aborted) problem.value = asProblem(error)
    } finally {
      if (current === mine) busy.value = false
    }
  }

  const reload = () => load(undefined)
  const next = () => (cursor && !busy.value ? load(cursor) : Promise.resolve())
  if (keys.length > 0)
    watch(keys, () => {
      loaded.value = false
      items.value = []
      void reload()
    })
  void reload()
  onScopeDispose(() => current?.abort())
  return { items, problem, loaded, busy, more, reload, next }
}
