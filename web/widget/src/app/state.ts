import type { Config, Conversation } from './wire'
import { type Place, NOWHERE } from './db'
import type { Host, Session } from './host'
import type { Outbox } from './outbox'
import type { Thread } from './thread'

export type Tab = 'home' | 'messages' | 'help' | 'tickets'
export type View = { name: Tab | 'ask' | 'lost' } | { name: 'chat'; conv: string; k: number } | { name: 'article'; id: string; title: string }

/** A conversation as this browser knows it; `seen` is the last entry its owner looked at. */
export interface Kept extends Conversation { v: string; seen: number }

/** All that the screens show. One object, changed in place; `emit` draws it. */
export interface State {
  key: string
  host: Host
  session: Session
  place: Place
  box: Outbox
  config: Config
  /** The window is on screen. */
  open: boolean
  stack: View[]
  convs: Kept[]
  threads: Map<string, Thread>
  /** How news reach us: pushed, fetched now and then, or not at all. */
  link: 'live' | 'poll' | 'off'
  /** When the desk last answered. */
  synced: string
  typing: Map<string, { name: string; kind: string; until: number }>
  progress: Map<number, number>
  /** Read aloud once. */
  news: string
  page?: string
  /** What was asked before the first message; goes with it. */
  form?: Record<string, string>
  /** Which tool stands in for the text field. */
  tool?: 'emoji' | 'voice'
}

export const s = {
  place: NOWHERE, config: { name: '' } as Config, stack: [{ name: 'home' }], convs: [], threads: new Map(),
  link: 'poll', synced: '', typing: new Map(), progress: new Map(), news: '',
} as unknown as State

let draw: () => void = () => undefined
let due = false, opened = 0

export const drawn = (f: () => void) => { draw = f }

/** Draws once per turn, however much has changed. */
export function emit() {
  if (due) return
  due = true
  queueMicrotask(() => { due = false; draw() })
}

export const thread = (id: string): Thread => s.threads.get(id) ?? { entries: [], have: 0 }
export const conv = (id: string) => s.convs.find((c) => c.id === id)
export const at = () => s.stack.at(-1)!

export function go(view: View) {
  const deeper = !/^(home|messages|help|tickets)$/.test(view.name)
  s.stack = deeper ? [...s.stack, view] : [view]
  s.tool = undefined
  if (deeper) s.host.deeper()
  emit()
}

/** One view up. As a page of its own this is the browser's own way back, which calls `pop`. */
export const back = () => (s.stack.length < 2 ? go({ name: 'home' }) : s.host.back())

export function pop() {
  s.stack = s.stack.length > 1 ? s.stack.slice(0, -1) : [{ name: 'home' }]
  emit()
}

/** Opens the conversation, or an empty one the desk learns of with its first message. */
export const chat = (id = 'new:' + crypto.randomUUID()) => go({ name: 'chat', conv: id, k: ++opened })
