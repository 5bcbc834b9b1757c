import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { sayViewing } from '@everdesk/client/conversations'
import type { Frame, Named } from '@everdesk/client/types'
import { useLive } from '@/shell/live'
import { useSession } from '@/shell/session'

type Viewing = Extract<Frame, { type: 'viewing' }>

const sayEvery = 30_000

/**
 * The colleagues who have the conversation open as well. Nobody keeps a list:
 * each page says so while it is looked at, and answers whoever comes new, so
 * that they know of those who were here before them.
 */
export function useViewers(id: Ref<string | undefined>) {
  const session = useSession()
  const live = useLive()
  const seen = shallowRef(new Map<string, Named & { until: number }>())
  let answer: ReturnType<typeof setTimeout> | undefined

  function say(leaving = false, of = id.value): void {
    if (of && session.can('conversation.reply') && (leaving || !document.hidden)) void sayViewing(of, leaving).catch(() => undefined)
  }

  function see(frame: Viewing): void {
    if (frame.staff.id === session.me?.id) return
    const fresh = !seen.value.has(frame.staff.id)
    const now = new Map(seen.value)
    const until = Math.min(Date.parse(frame.until), Date.now() + 120_000)
    if (until > Date.now()) now.set(frame.staff.id, { ...frame.staff, until })
    else now.delete(frame.staff.id)
    seen.value = now
    if (!fresh || !now.has(frame.staff.id)) return
    clearTimeout(answer)
    // Several pages answer a newcomer: not all in the same moment.
    answer = setTimeout(() => say(), 200 + Math.random() * 600)
  }

  function forget(): void {
    const still = [...seen.value].filter(([, one]) => one.until > Date.now())
    if (still.length < seen.value.size) seen.value = new Map(still)
  }

  const timer = setInterval(() => {
    forget()
    say()
  }, sayEvery)
  const shown = () => say(document.hidden)
  const left = () => say(true)
  document.addEventListener('visibilitychange', shown)
  addEventListener('pagehide', left)
  watch(
    () => [id.value, live.state] as const,
    ([now, state], before) => {
      if (before?.[0] && before[0] !== now) {
        say(true, before[0])
        seen.value = new Map()
      }
      if (state === 'live') say()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearInterval(timer)
    clearTimeout(answer)
    document.removeEventListener('visibilitychange', shown)
    removeEventListener('pagehide', left)
    say(true)
  })

  return { viewers: computed<Named[]>(() => [...seen.value.values()].map(({ id: which, name }) => ({ id: which, name }))), see }
}
