import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { listTransitions } from '@everdesk/client/conversations'
import type { Entry, Transition } from '@everdesk/client/types'

/**
 * Why each move was made, by the seq of its entry. Entries carry only what the
 * customer may see as well; the reason is for the desk.
 */
export function useTransitions(id: Ref<string | undefined>, entries: Ref<Entry[]>) {
  const moves = shallowRef(new Map<number, Transition>())
  let timer: ReturnType<typeof setTimeout> | undefined
  let known = -1

  async function load(): Promise<void> {
    const conversation = id.value
    if (!conversation) return
    try {
      const page = await listTransitions(conversation)
      if (conversation === id.value) moves.value = new Map(page.items.map((move) => [move.seq, move]))
    } catch {
      // The line still says what happened; "why is this here" tells failures.
    }
  }

  watch(id, () => {
    moves.value = new Map()
    known = -1
  })
  watch(entries, (now) => {
    const last = now.findLast((entry) => entry.kind === 'transition')?.seq ?? 0
    if (last === known) return
    known = last
    clearTimeout(timer)
    timer = setTimeout(() => void load(), 150)
  })
  onScopeDispose(() => clearTimeout(timer))
  return moves
}
