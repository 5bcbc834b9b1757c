import { defineStore } from 'pinia'
import { ref } from 'vue'
import { countConversations } from '@everdesk/client/conversations'
import type { Counts } from '@everdesk/client/types'
import { useLive } from './live'
import { useSession } from './session'

/** How many conversations wait in each view. */
export const useCounts = defineStore('counts', () => {
  const counts = ref<Counts>()

  async function load(): Promise<void> {
    if (useSession().can('conversation.read')) counts.value = await countConversations()
  }

  const live = useLive()
  let soon: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  live.catchUps.add(load)
  live.listeners.add((frame) => {
    if (frame.type !== 'conversation' || soon !== undefined) return
    // A single change counts at once; of a burst, one question every second and a half tells all.
    soon = setTimeout(
      () => {
        soon = undefined
        asked = Date.now()
        void load().catch(() => undefined)
      },
      Math.max(150, asked + 1500 - Date.now()),
    )
  })

  return { counts, load }
})
