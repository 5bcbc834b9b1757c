import createClient from 'openapi-fetch'
import { Problem, problemOf, unreachable } from './problem'
import type { paths } from './schema'

export { Problem, asProblem } from './problem'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

interface Operation {
  parameters: { query?: Record<string, unknown>; header?: Record<string, string>; path?: Record<string, string> }
  requestBody?: { content: { 'application/json': unknown } }
  responses: { 200: { content: { 'application/json': unknown } } }
}
type Paths = Record<`/${string}`, Record<Method, Operation>>

/** A path of the API's document, below /api/v1: a mistyped one does not compile. */
export type ApiPath = keyof paths extends infer Path ? (Path extends `/api/v1${infer Rest}` ? Rest : never) : never

export interface Call {
  path?: Record<string, string | number>
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  /** The version read before; the server refuses if another came between. */
  version?: number
  /** Makes a create exactly-once; give the same key when trying again. */
  key?: string
  signal?: AbortSignal
  /** The request goes on when the page is left. */
  keepalive?: boolean
}

const http = createClient<Paths>({ baseUrl: '/api/v1', credentials: 'same-origin' })

let language = 'en'
let signedOut: (() => void) | undefined

/** The language problems are worded in. */
export function speak(locale: string): void {
  language = locale
}

/** Called once a request finds the session gone. */
export function onSignedOut(then: () => void): void {
  signedOut = then
}

/** Sends one request. Rejects with a Problem, or an AbortError when given up. */
export async function call<T>(method: Method, path: ApiPath, options: Call = {}): Promise<T> {
  const headers: Record<string, string> = { 'Accept-Language': language }
  if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`
  if (options.key) headers['Idempotency-Key'] = options.key
  const query: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options.query ?? {})) if (value !== undefined && value !== '') query[name] = value
  const places: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.path ?? {})) places[name] = String(value)

  let result: { response: Response }
  try {
    result = await http.request(method, path as `/${string}`, {
      params: { path: places, query },
      body: options.body,
      headers,
      signal: options.signal,
      keepalive: options.keepalive,
      parseAs: 'stream',
      fetch: keepErrors,
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    if (error instanceof Problem) {
      if (error.status === 401 && path !== '/session') signedOut?.()
      throw error
    }
    throw unreachable()
  }
  if (result.response.status === 204) return undefined as T
  const text = await result.response.text()
  return (text ? JSON.parse(text, wholeLists) : undefined) as T
}

/** Go writes an empty list as null when nobody made it; readers want a list. */
const lists = new Set(
  'items tags teams members variants fields scopes questions shown refusals identities permissions bad candidates holidays overrides hosts locales sources'.split(' '),
)
const wholeLists = (key: string, value: unknown): unknown => (value === null && lists.has(key) ? [] : value)

/** A refusal leaves as a Problem before its body is read by anyone else. */
async function keepErrors(request: Request): Promise<Response> {
  const response = await fetch(request)
  if (!response.ok) throw await problemOf(response)
  return response
}

/** Walks every page of a list; for short lists that a form needs whole. */
export async function everything<T>(page: (cursor?: string) => Promise<{ items: T[]; next_cursor?: string }>): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const next = await page(cursor)
    all.push(...next.items)
    cursor = next.next_cursor
  } while (cursor && all.length < 1000)
  return all
}

/** A key for Idempotency-Key and client_id. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
