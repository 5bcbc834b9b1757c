import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef } from 'vue'
import { asProblem, type Problem } from '@everdesk/client/api'
import { listConversations, readConversation, searchConversations } from '@everdesk/client/conversations'
import type { Conversation, Frame, SearchHit, SearchIndex, View } from '@everdesk/client/types'
import { useSession } from '@/shell/session'
import { belongs, order } from './views'

interface List {
  ids: string[]
  cursor?: string
}

/**
 * The conversations this console knows, and the list on screen. Rows come from
 * the API and from frames alike; a frame older than the row is ignored.
 */
export const useInbox = defineStore('inbox', () => {
  const session = useSession()
  const rows = shallowReactive(new Map<string, Conversation>())
  const lists = new Map<string, List>()

  const view = ref<View>('mine')
  const team = ref('')
  const query = ref('')
  const unreadOnly = ref(false)

  /** What the search on screen found, by conversation; a search goes through every view. */
  const hits = shallowReactive(new Map<string, SearchHit>())
  const index = shallowRef<SearchIndex>()

  const members = shallowRef<string[]>([])
  const cursor = ref<string>()
  const loaded = ref(false)
  const busy = ref(false)
  const problem = shallowRef<Problem>()
  /** While true, what is on screen keeps its place and arrivals wait. */
  const held = ref(false)
  const shown = shallowRef<string[]>([])
  let asked: AbortController | undefined

  async function page(after: string | undefined, signal: AbortSignal): Promise<{ items: Conversation[]; next_cursor?: string }> {
    if (!query.value) return listConversations({ view: view.value, team: team.value || undefined, cursor: after }, signal)
    const found = await searchConversations({ q: query.value, cursor: after }, signal)
    if (!signal.aborted) {
      if (!after) hits.clear()
      // A conversation that comes again has an older, weaker match.
      for (const hit of found.items) if (!hits.has(hit.conversation.id)) hits.set(hit.conversation.id, hit)
      index.value = found.index
    }
    return { items: found.items.map((hit) => hit.conversation), next_cursor: found.next_cursor }
  }

  const key = () => `${view.value}|${team.value}|${query.value}`
  const me = () => session.me?.id ?? ''

  /** Rows heard of while the list was being asked for: the answer may be older than they are. */
  const heard = new Set<string>()

  /** Owner and entries only ever move forward; of equal rows the later known wins. */
  function put(row: Conversation): void {
    const known = rows.get(row.id)
    if (known && (row.owner_epoch < known.owner_epoch || row.last_seq < known.last_seq)) return
    keep(row, known)
  }

  function keep(row: Conversation, known: Conversation | undefined): void {
    rows.set(row.id, { ...row, summary: row.summary ?? known?.summary })
    if (busy.value) heard.add(row.id)
    if (!query.value) settle(row.id)
    else arrange()
  }

  /** Adds or removes one id as its row demands. */
  function settle(id: string): void {
    const row = rows.get(id)
    const inside = members.value.includes(id)
    const should = !!row && belongs(row, view.value, me(), team.value)
    if (should && !inside) members.value = [...members.value, id]
    else if (!should && inside) members.value = members.value.filter((one) => one !== id)
    arrange()
  }

  function arrange(): void {
    const found = members.value.flatMap((id) => rows.get(id) ?? [])
    const fresh = (query.value ? found : found.sort(order(view.value))).map((row) => row.id)
    if (!held.value) shown.value = fresh
    else {
      const still = new Set(fresh)
      shown.value = shown.value.filter((id) => still.has(id))
    }
  }

  function hold(now: boolean): void {
    held.value = now
    if (!now) arrange()
  }

  function release(): void {
    held.value = false
    arrange()
  }

  async function load(more = false): Promise<void> {
    if (more && (!cursor.value || busy.value)) return
    asked?.abort()
    const mine = (asked = new AbortController())
    const at = key()
    busy.value = true
    heard.clear()
    try {
      const found = await page(more ? cursor.value : undefined, mine.signal)
      if (mine.signal.aborted || at !== key()) return
      for (const row of found.items) {
        const known = rows.get(row.id)
        if (!known || (row.owner_epoch >= known.owner_epoch && row.last_seq >= known.last_seq)) rows.set(row.id, { ...row, summary: row.summary ?? known?.summary })
      }
      const ids = found.items.map((row) => row.id)
      members.value = inside(more ? [...new Set([...members.value, ...ids])] : ids)
      cursor.value = found.next_cursor
      loaded.value = true
      problem.value = undefined
      lists.set(at, { ids: members.value, cursor: cursor.value })
      arrange()
    } catch (error) {
      if (mine.signal.aborted) return
      problem.value = asProblem(error)
      throw error
    } finally {
      if (asked === mine) busy.value = false
    }
  }

  /** The ids of an answer, corrected by what was heard while it was on its way. */
  function inside(ids: string[]): string[] {
    if (query.value || heard.size === 0) return ids
    const now = new Set(ids)
    for (const id of heard) {
      const row = rows.get(id)
      if (row && belongs(row, view.value, me(), team.value)) now.add(id)
      else now.delete(id)
    }
    return [...now]
  }

  /** Turns to another list; what was known of it shows at once. */
  function show(to: { view?: View; team?: string; query?: string }): void {
    view.value = to.view ?? view.value
    team.value = to.team ?? team.value
    query.value = to.query ?? query.value
    const known = lists.get(key())
    members.value = known?.ids ?? []
    cursor.value = known?.cursor
    loaded.value = !!known
    problem.value = undefined
    held.value = false
    arrange()
    void load().catch(() => undefined)
  }

  async function fetch(id: string): Promise<Conversation> {
    const row = await readConversation(id)
    // The server's word counts even against a frame that told of more; the row never leaves the screen for it.
    keep(row, rows.get(id))
    return row
  }

  function hear(frame: Frame): void {
    if (frame.type === 'conversation') put(frame.conversation)
    else if (frame.type === 'read') {
      const row = rows.get(frame.conversation_id)
      if (!row) return
      const field = frame.side === 'customer' ? 'customer_read_seq' : 'staff_read_seq'
      if (frame.seq > row[field]) rows.set(row.id, { ...row, [field]: frame.seq, unread: frame.side === 'staff' ? frame.seq < row.last_seq && row.unread : row.unread })
    } else if (frame.type === 'typing') {
      typing.set(frame.conversation_id, frame.author.kind === 'customer' ? Date.parse(frame.until) : 0)
    } else if (frame.type === 'entry') typing.delete(frame.conversation_id)
  }

  /** Customers seen typing, by conversation: until when. */
  const typing = shallowReactive(new Map<string, number>())

  function markSeen(id: string, seq: number): void {
    const row = rows.get(id)
    if (row && seq >= row.staff_read_seq) rows.set(id, { ...row, staff_read_seq: seq, unread: seq < row.last_seq && row.unread })
  }

  const visible = computed(() => shown.value.flatMap((id) => rows.get(id) ?? []).filter((row) => !unreadOnly.value || row.unread))
  const waiting = computed(() => {
    const seen = new Set(shown.value)
    return members.value.filter((id) => !seen.has(id)).length
  })

  return {
    rows, hits, index, view, team, query, unreadOnly, cursor, loaded, busy, problem, held, visible, waiting, typing,
    put, load, show, fetch, hear, hold, release, markSeen,
  }
})
