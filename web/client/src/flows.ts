import { call } from './api'
import type { Body, Connector, Flow, FlowDraft, FlowProblem, FlowVersion, Page } from './types'

/** A flow's document; the editor gives it its shape. */
export type FlowDocument = Record<string, unknown>

export const listFlows = (query: { cursor?: string }, signal?: AbortSignal) => call<Page<Flow>>('get', '/flows', { query, signal })
export const makeFlow = (document: FlowDocument, key: string) => call<FlowDraft>('post', '/flows', { body: { document }, key })
export const readFlow = (id: string, signal?: AbortSignal) => call<FlowDraft>('get', '/flows/{id}', { path: { id }, signal })
export const saveFlow = (id: string, version: number, document: FlowDocument) => call<FlowDraft>('put', '/flows/{id}', { path: { id }, version, body: { document } })
export const removeFlow = (id: string) => call<void>('delete', '/flows/{id}', { path: { id } })
export const checkFlow = (document: FlowDocument, language: string, signal?: AbortSignal) =>
  call<{ problems: FlowProblem[] | null; publishable: boolean }>('post', '/flows/check', { query: { language }, body: { document }, signal })
export const publishFlow = (id: string, version: number, note: string) => call<FlowDraft>('post', '/flows/{id}/publish', { path: { id }, version, body: { note: note || undefined } })
export const withdrawFlow = (id: string, version: number) => call<FlowDraft>('post', '/flows/{id}/withdraw', { path: { id }, version })
export const listFlowVersions = (id: string) => call<Page<FlowVersion>>('get', '/flows/{id}/versions', { path: { id } })
export const readFlowVersion = (id: string, number: number) => call<FlowVersion>('get', '/flows/{id}/versions/{number}', { path: { id, number } })
export const rollBackFlow = (id: string, number: number) => call<FlowDraft>('post', '/flows/{id}/versions/{number}/publish', { path: { id, number } })
export const listConnectors = (query: { cursor?: string }) => call<Page<Connector>>('get', '/connectors', { query })

export interface Tried {
  state: Record<string, unknown>
  said: Body[] | null
  calls: { operation: string; effect: string; args: Record<string, unknown> | null; error?: string }[] | null
  guesses: { flow: string; p: number }[] | null
  ended?: 'handover' | 'ticket'
  outcomes: string[] | null
  troubles: string[] | null
  code?: string
}
export const tryFlow = (body: { document?: FlowDocument; state?: Record<string, unknown>; text?: string; locale?: string; minutes?: number; results?: Record<string, unknown> }) =>
  call<Tried>('post', '/flows/try', { body })
