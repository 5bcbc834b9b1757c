import { defineStore } from 'pinia'
import { onScopeDispose, ref } from 'vue'
import { Live, type LiveState } from '@everdesk/client/live'
import type { Frame } from '@everdesk/client/types'
import { useSession } from './session'

type Listener = (frame: Frame) => void
type CatchUp = () => Promise<unknown> | unknown

/** The one realtime connection of the page, shared by all features. */
export const useLive = defineStore('live', () => {
  const state = ref<LiveState>('connecting')
  /** When what is on screen was last known to be true. */
  const asOf = ref(Date.now())
  const listeners = new Set<Listener>()
  const catchUps = new Set<CatchUp>()
  let live: Live | undefined

  function start(): void {
    if (live || !useSession().session) return
    live = new Live({
      onFrame: (frame) => {
        asOf.value = Date.now()
        for (const listener of listeners) listener(frame)
      },
      onState: (now) => {
        state.value = now
      },
      onCatchUp: async () => {
        await Promise.all([...catchUps].map((run) => run()))
        asOf.value = Date.now()
      },
    })
    live.start()
  }

  function stop(): void {
    live?.stop()
    live = undefined
    state.value = 'connecting'
  }

  const join = (feed: string) => live?.join(feed) ?? (() => undefined)

  /** Reads again now, at a person's wish. */
  async function retry(): Promise<void> {
    await Promise.all([...catchUps].map((run) => run()))
  }

  return { state, asOf, start, stop, join, retry, listeners, catchUps }
})

/** Hears every frame for the life of the caller. */
export function useFrames(listener: Listener): void {
  const { listeners } = useLive()
  listeners.add(listener)
  onScopeDispose(() => listeners.delete(listener))
}

/** Runs after each reconnect and at each poll while there is no transport. */
export function useCatchUp(run: CatchUp): void {
  const { catchUps } = useLive()
  catchUps.add(run)
  onScopeDispose(() => catchUps.delete(run))
}
