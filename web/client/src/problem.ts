/** A refusal or failure of the API, as the server words it. */
export class Problem extends Error {
  override name = 'Problem'

  constructor(
    /** 0 when no answer came. */
    readonly status: number,
    /** noun.what_happened, stable; "network.unreachable" when no answer came. */
    readonly code: string,
    /** Localised; empty when no answer came. */
    readonly title: string,
    readonly fields: { path: string; code: string; detail?: string }[] = [],
    readonly facts: Record<string, unknown> = {},
    readonly trace = '',
    /** Seconds the server asks to wait, if it does. */
    readonly retryAfter?: number,
  ) {
    super(title || code)
  }

  /** True when the same request may succeed later unchanged. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502
  }
}

export const unreachable = (): Problem => new Problem(0, 'network.unreachable', '')

/** Reads problem+json, and survives the answers of proxies that are not. */
export async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get('Retry-After'))
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined
  const trace = response.headers.get('X-Request-Id') ?? ''
  return readProblem(response.status, await response.text().catch(() => ''), trace, retryAfter)
}

export function readProblem(status: number, text: string, trace = '', retryAfter?: number): Problem {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    said = undefined
  }
  if (!isRecord(said)) return new Problem(status, `http.${status}`, '', [], {}, trace, retryAfter)
  return new Problem(
    status,
    typeof said.code === 'string' ? said.code : `http.${status}`,
    typeof said.title === 'string' ? said.title : '',
    Array.isArray(said.fields) ? said.fields.filter(isField) : [],
    isRecord(said.facts) ? said.facts : {},
    typeof said.trace === 'string' ? said.trace : trace,
    retryAfter,
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isField(value: unknown): value is { path: string; code: string; detail?: string } {
  return isRecord(value) && typeof value.path === 'string' && typeof value.code === 'string'
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : unreachable()
}
