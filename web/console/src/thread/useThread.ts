import { computed, onScopeDispose, ref, shallowRef, triggerRef, watch, type Ref } from 'vue'
import { asProblem, type Problem } from '@everdesk/client/api'
import { listEntries } from '@everdesk/client/conversations'
import { EntryLog, Healer } from '@everdesk/client/heal'
import type { Author, Entry } from '@everdesk/client/types'
import { useCatchUp, useFrames, useLive } from '@/shell/live'
import { onSent, outbox } from './outbox'
import { useViewers } from './useViewers'

export interface Typing {
  author: Pick<Author, 'kind' | 'name'>
  until: number
}

const pageSize = 50

/** The entries of the open conversation, kept whole while frames come and go. */
export function useThread(id: Ref<string | undefined>) {
  const live = useLive()
  const entries = shallowRef<Entry[]>([])
  const problem = shallowRef<Problem>()
  const loading = ref(false)
  const older = ref(false)
  const loadingOlder = ref(false)
  const typing = ref<Typing[]>([])
  /** Grows when something new was added at the end. */
  const arrivals = ref(0)

  let log = new EntryLog()
  /** What came while the first page was on its way: it may be newer than the page. */
  let early: Entry[] = []
  let healer: Healer | undefined
  let leave: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const publish = (shown: Entry[]) => {
    entries.value = log.entries
    triggerRef(entries)
    if (shown.length > 0) arrivals.value++
  }

  async function open(): Promise<void> {
    close()
    const conversation = id.value
    entries.value = []
    typing.value = []
    problem.value = undefined
    older.value = false
    if (!conversation) return
    loading.value = true
    early = []
    const mine = (log = new EntryLog())
    leave = live.join(`conversation:${conversation}`)
    try {
      const page = await listEntries(conversation, { before: Number.MAX_SAFE_INTEGER, limit: pageSize })
      if (mine !== log) return
      log.reset(page.items, page.last_seq)
      older.value = log.first > 1
      healer = new Healer(log, { after: (seq) => listEntries(conversation, { after: seq, limit: 100 }) }, publish)
      publish([])
      for (const entry of early) healer.frame(entry)
    } catch (error) {
      if (mine === log) problem.value = asProblem(error)
    } finally {
      if (mine === log) loading.value = false
    }
  }

  function close(): void {
    leave?.()
    leave = undefined
    healer?.close()
    healer = undefined
    clearTimeout(timer)
  }

  async function loadOlder(): Promise<void> {
    const conversation = id.value
    if (!conversation || loadingOlder.value || !older.value) return
    loadingOlder.value = true
    const mine = log
    try {
      const page = await listEntries(conversation, { before: log.first, limit: pageSize })
      if (mine !== log) return
      log.prepend(page.items)
      older.value = page.items.length > 0 && log.first > 1
      publish([])
    } catch {
      // The button stays, so that a person can ask again.
    } finally {
      loadingOlder.value = false
    }
  }

  const { viewers, see } = useViewers(id)

  useFrames((frame) => {
    if (!('conversation_id' in frame) || frame.conversation_id !== id.value) return
    if (frame.type === 'entry') {
      if (healer) healer.frame(frame.entry)
      else early.push(frame.entry)
      typing.value = typing.value.filter((one) => one.author.kind !== frame.entry.author.kind)
    } else if (frame.type === 'viewing') {
      see(frame)
    } else if (frame.type === 'delivery') {
      const entry = log.find(frame.seq)
      if (entry) healer?.frame({ ...entry, delivery: frame.delivery })
    } else if (frame.type === 'typing') {
      const until = Math.min(Date.parse(frame.until), Date.now() + 10_000)
      typing.value = [...typing.value.filter((one) => one.author.name !== frame.author.name), { author: frame.author, until }]
      clearTimeout(timer)
      timer = setTimeout(() => (typing.value = []), Math.max(0, until - Date.now()))
    }
  })
  useCatchUp(() => (healer ? healer.heal() : problem.value ? open() : undefined))
  onScopeDispose(
    onSent((pending, entry) => {
      if (pending.conversation_id !== id.value) return
      if (entry) healer?.frame(entry)
      else void healer?.heal()
    }),
  )
  watch(id, open, { immediate: true })
  onScopeDispose(close)

  const pending = computed(() => (id.value ? outbox.pending.value.filter((one) => one.conversation_id === id.value) : []))
  /** After an edit or a recall, whose frame may be late. */
  const heal = () => healer?.heal()
  return { entries, pending, problem, loading, older, loadingOlder, typing, viewers, arrivals, loadOlder, reload: open, heal }
}

export type ThreadState = ReturnType<typeof useThread>
