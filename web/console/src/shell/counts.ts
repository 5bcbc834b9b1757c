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
  live.catchUps.add(load)
  live.listeners.add((frame) => {
    if (frame.type === 'conversation') {
      // Counts are asked for once a burst is over, not for every row of it.
      clearTimeout(soon)
      soon = setTimeout(() => void load().catch(() => undefined), 1500)
    }
  })

  return { counts, load }
})
