import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Conversation, Session } from '@everdesk/client/types'

const row = (id: string, more: Partial<Conversation> = {}): Conversation =>
  ({ id, state: 'open', owner: { kind: 'agent', staff: { id: 'stf_1', name: 'Gu' } }, owner_epoch: 1, last_seq: 1, updated_at: '2026-11-20T08:00:00Z', tags: [], ...more }) as Conversation

/** Answers of the server, given when the test says so. */
let answer: ((body: unknown) => void)[] = []

beforeEach(() => {
  answer = []
  vi.stubGlobal('localStorage', undefined)
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }))
  const Plain = Request
  vi.stubGlobal('Request', class extends Plain {
    constructor(url: string, init?: RequestInit) { super(new URL(url, 'http://desk.test'), init) }
  })
  vi.stubGlobal('fetch', () => new Promise((resolve) => answer.push((body) => resolve(Response.json(body)))))
  setActivePinia(createPinia())
})
afterEach(() => vi.unstubAllGlobals())

async function inbox() {
  const { useSession } = await import('@/shell/session')
  useSession().session = { staff: { id: 'stf_1', name: 'Gu' }, permissions: [] } as unknown as Session
  const { useInbox } = await import('./store')
  const store = useInbox()
  const settled = async (body: unknown) => {
    await vi.waitFor(() => expect(answer.length).toBeGreaterThan(0))
    answer.shift()?.(body)
    await vi.waitFor(() => expect(store.busy).toBe(false))
  }
  return { store, settled, ids: () => store.visible.map((one) => one.id).sort() }
}

describe('a list that is being read', () => {
  it('keeps what came meanwhile and the answer does not know of', async () => {
    const { store, settled, ids } = await inbox()
    store.show({ view: 'mine' })
    store.hear({ type: 'conversation', conversation: row('new') })
    await settled({ items: [row('old')] })
    expect(ids()).toEqual(['new', 'old'])
  })
  it('leaves out what went meanwhile and the answer still has', async () => {
    const { store, settled, ids } = await inbox()
    store.show({ view: 'mine' })
    store.hear({ type: 'conversation', conversation: row('gone', { state: 'resolved', owner_epoch: 2 }) })
    await settled({ items: [row('gone'), row('old')] })
    expect(ids()).toEqual(['old'])
  })
  it('takes the word of the answer for all else', async () => {
    const { store, settled, ids } = await inbox()
    store.hear({ type: 'conversation', conversation: row('long ago') })
    store.show({ view: 'mine' })
    await settled({ items: [row('old')] })
    expect(ids()).toEqual(['old'])
  })
})

it('a conversation asked for again never leaves the screen', async () => {
  const { store } = await inbox()
  store.hear({ type: 'conversation', conversation: row('one', { last_seq: 9 }) })
  const asked = store.fetch('one')
  expect(store.rows.has('one')).toBe(true)
  await vi.waitFor(() => expect(answer.length).toBe(1))
  answer.shift()?.(row('one', { last_seq: 4 }))
  await asked
  expect(store.rows.get('one')?.last_seq).toBe(4)
})
