import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Conversation, Frame, Session } from '@everdesk/client/types'

let asked = 0

beforeEach(() => {
  asked = 0
  vi.useFakeTimers()
  vi.stubGlobal('localStorage', undefined)
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }))
  const Plain = Request
  vi.stubGlobal('Request', class extends Plain {
    constructor(url: string, init?: RequestInit) { super(new URL(url, 'http://desk.test'), init) }
  })
  vi.stubGlobal('fetch', async () => Response.json({ mine: ++asked }))
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function desk() {
  const { useSession } = await import('./session')
  useSession().session = { permissions: ['conversation.read'] } as unknown as Session
  const { useCounts } = await import('./counts')
  const counts = useCounts()
  const { useLive } = await import('./live')
  const frame: Frame = { type: 'conversation', conversation: { id: 'c' } as Conversation }
  return { counts, change: () => useLive().listeners.forEach((listener) => listener(frame)) }
}

it('a single change is counted at once', async () => {
  const { counts, change } = await desk()
  change()
  await vi.advanceTimersByTimeAsync(200)
  expect(counts.counts?.mine).toBe(1)
})

it('a desk that never rests is counted every second and a half, not never', async () => {
  const { change } = await desk()
  for (let i = 0; i < 100; i++) {
    change()
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(asked).toBeGreaterThanOrEqual(6)
  expect(asked).toBeLessThanOrEqual(8)
})
