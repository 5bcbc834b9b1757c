import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'
import { asProblem, type Problem } from '@everdesk/client/api'

/**
 * Something read from the server for the life of a component: kept on screen
 * while it is read again, replaced when the key changes.
 */
export function useLoad<T>(read: (signal: AbortSignal) => Promise<T>, key?: WatchSource<unknown>) {
  const data = shallowRef<T>()
  const problem = shallowRef<Problem>()
  const busy = ref(false)
  let current: AbortController | undefined

  async function reload(): Promise<void> {
    current?.abort()
    const mine = (current = new AbortController())
    busy.value = true
    try {
      const found = await read(mine.signal)
      if (mine.signal.aborted) return
      data.value = found
      problem.value = undefined
    } catch (error) {
      if (!mine.signal.aborted) problem.value = asProblem(error)
    } finally {
      if (current === mine) busy.value = false
    }
  }

  if (key)
    watch(key, () => {
      data.value = undefined
      problem.value = undefined
      void reload()
    })
  void reload()
  onScopeDispose(() => current?.abort())
  return { data, problem, busy, reload }
}
