import { call } from './api'
import type { Body, Conversation, Counts, Entry, EntryPage, Page, Priority, Revision, SearchHit, SearchIndex, Transition, View } from './types'

export const listConversations = (query: { view: View; team?: string; cursor?: string; limit?: number }, signal?: AbortSignal) =>
  call<Page<Conversation>>('get', '/conversations', { query, signal })

export const searchConversations = (query: { q: string; cursor?: string; limit?: number }, signal?: AbortSignal) =>
  call<Page<SearchHit> & { index: SearchIndex }>('get', '/search', { query, signal })

export const countConversations = () => call<Counts>('get', '/conversations/counts')

export const readConversation = (id: string, signal?: AbortSignal) => call<Conversation>('get', '/conversations/{id}', { path: { id }, signal })

export const listEntries = (id: string, query: { after?: number; before?: number; limit?: number }, signal?: AbortSignal) =>
  call<EntryPage>('get', '/conversations/{id}/entries', { path: { id }, query, signal })

export const addEntry = (id: string, entry: { client_id: string; kind: 'message' | 'note'; body: Body; reply_to?: number }) =>
  call<Entry>('post', '/conversations/{id}/entries', { path: { id }, body: entry })

export const editEntry = (id: string, seq: number, body: Body, client_id: string) =>
  call<Entry>('patch', '/conversations/{id}/entries/{seq}', { path: { id, seq }, body: { client_id, body } })

export const recallEntry = (id: string, seq: number, client_id: string) =>
  call<Entry>('delete', '/conversations/{id}/entries/{seq}', { path: { id, seq }, query: { client_id } })

export const entryHistory = (id: string, seq: number) =>
  call<{ items: Revision[] }>('get', '/conversations/{id}/entries/{seq}/history', { path: { id, seq } })

export const listTransitions = (id: string) => call<{ items: Transition[] }>('get', '/conversations/{id}/transitions', { path: { id } })

export type Target = { staff: string } | { team: string } | { bot: true }

export const takeConversation = (id: string, owner_epoch: number) =>
  call<Conversation>('post', '/conversations/{id}/take', { path: { id }, body: { owner_epoch } })

export const transferConversation = (id: string, to: Target, owner_epoch: number, note?: string) =>
  call<Conversation>('post', '/conversations/{id}/transfer', { path: { id }, body: { to, note, owner_epoch } })

export const resolveConversation = (id: string, seen_seq: number) =>
  call<Conversation>('post', '/conversations/{id}/resolve', { path: { id }, body: { seen_seq } })

export const reopenConversation = (id: string) => call<Conversation>('post', '/conversations/{id}/reopen', { path: { id } })

export const ticketConversation = (id: string, body: { subject?: string; priority?: Priority }) =>
  call<Conversation>('post', '/conversations/{id}/ticket', { path: { id }, body })

export const markRead = (id: string, seq: number) => call<unknown>('post', '/conversations/{id}/read', { path: { id }, body: { seq } })

export const sayTyping = (id: string) => call<unknown>('post', '/conversations/{id}/typing', { path: { id }, body: {} })

/** Tells colleagues that this page shows the conversation, or does not any more; on the way out it may outlive the page. */
export const sayViewing = (id: string, leaving = false) => call<unknown>('post', '/conversations/{id}/viewing', { path: { id }, body: { leaving }, keepalive: leaving })

export const changeConversation = (id: string, version: number, body: { priority?: Priority; subject?: string }) =>
  call<Conversation>('patch', '/conversations/{id}', { path: { id }, version, body })

export const tagConversation = (id: string, add: string[], remove: string[]) =>
  call<Conversation>('post', '/conversations/{id}/tags', { path: { id }, body: { add, remove } })
