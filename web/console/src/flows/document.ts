/**
 * A flow as the editor holds it: the document of docs/schema/flow.json, whose
 * nodes have the fields of their type and no others. Everything here is pure;
 * a change answers a new document.
 */
export type Text = Record<string, string>

export const nodeTypes = ['say', 'ask', 'choose', 'confirm', 'branch', 'set', 'call', 'verify', 'guide', 'ticket', 'survey', 'run', 'handover', 'end'] as const
export type NodeType = (typeof nodeTypes)[number]

export interface FlowNode {
  type: NodeType
  text?: Text
  slot?: string
  tries?: number
  options?: { value: string; label: Text; next?: string }[]
  cases?: { when: string; next: string }[]
  slots?: Record<string, string>
  do?: string
  with?: Record<string, string>
  as?: string
  errors?: Record<string, string>
  subject?: string
  level?: string
  steps?: { text: Text; image?: string; alt?: Text }[]
  template?: string
  fields?: Record<string, string>
  kind?: string
  flow?: string
  outcomes?: Record<string, string>
  reason?: string
  outcome?: string
  next?: string
  yes?: string
  no?: string
  else?: string
  fail?: string
  stuck?: string
  giveup?: string
}

export interface Slot {
  type: string
  ask?: Text
  again?: Text
  invalid?: Text
  valid?: string
  pattern?: string
  private?: boolean
}

export interface FlowDoc {
  format: string
  key: string
  title: Text
  about?: Text
  starts?: { intent?: string; event?: string; when?: string; examples?: Record<string, string[]> }[]
  silence?: string
  slots?: Record<string, Slot>
  entry: string
  nodes: Record<string, FlowNode>
  layout?: Record<string, Place>
}

export interface Place {
  x: number
  y: number
}

/** One way out of a node: where it is written, and where it leads ("" for nowhere yet). */
export interface Way {
  kind: 'next' | 'yes' | 'no' | 'case' | 'else' | 'option' | 'error' | 'outcome' | 'fail' | 'stuck' | 'giveup'
  /** What tells it from others of its kind: a condition, an option, a code. */
  name: string
  path: (string | number)[]
  to: string
}

const single: Record<NodeType, ('next' | 'yes' | 'no' | 'else' | 'fail' | 'stuck' | 'giveup')[]> = {
  say: ['next'], ask: ['next', 'giveup'], choose: ['next', 'giveup'], confirm: ['yes', 'no', 'giveup'], branch: ['else'], set: ['next'], call: ['next'],
  verify: ['next', 'fail'], guide: ['next', 'stuck'], ticket: ['next'], survey: ['next'], run: ['next'], handover: [], end: [],
}

/** Every way out that a node of its type has, led somewhere or not, in the order people read them. */
export function waysOf(node: FlowNode): Way[] {
  const ways: Way[] = []
  for (const [at, one] of (node.cases ?? []).entries()) ways.push({ kind: 'case', name: one.when, path: ['cases', at, 'next'], to: one.next })
  for (const [at, one] of (node.options ?? []).entries()) ways.push({ kind: 'option', name: one.value, path: ['options', at, 'next'], to: one.next ?? '' })
  for (const kind of single[node.type] ?? []) ways.push({ kind, name: '', path: [kind], to: node[kind] ?? '' })
  for (const [code, to] of Object.entries(node.errors ?? {})) ways.push({ kind: 'error', name: code, path: ['errors', code], to })
  for (const [outcome, to] of Object.entries(node.outcomes ?? {})) ways.push({ kind: 'outcome', name: outcome, path: ['outcomes', outcome], to })
  return ways
}

/** The node with one value written at a path; an empty one is taken out. */
export function written(node: FlowNode, path: (string | number)[], value: unknown): FlowNode {
  const copy = structuredClone(node)
  let at = copy as unknown as Record<string | number, unknown>
  for (const step of path.slice(0, -1)) at = (at[step] ??= {}) as Record<string | number, unknown>
  const last = path.at(-1) ?? ''
  if (value === '' || value === undefined) delete at[last]
  else at[last] = value
  return copy
}

/** The document with a node replaced, or taken out together with the ways that led to it. */
export function withNode(doc: FlowDoc, key: string, node: FlowNode | undefined): FlowDoc {
  if (node) return { ...doc, nodes: { ...doc.nodes, [key]: node } }
  const nodes: Record<string, FlowNode> = {}
  for (const [other, one] of Object.entries(doc.nodes)) {
    if (other === key) continue
    let left = one
    for (const way of waysOf(one)) if (way.to === key) left = way.kind === 'case' ? written(left, way.path, undefined) : written(left, way.path, '')
    nodes[other] = left
  }
  const layout = { ...doc.layout }
  delete layout[key]
  return { ...doc, nodes, layout }
}

/** A name no node has yet. */
export function freshKey(doc: FlowDoc, type: string): string {
  for (let n = 1; ; n++) {
    const key = n === 1 ? type : `${type}_${n}`
    if (!(key in doc.nodes)) return key
  }
}

/** What a new node of a type begins with. */
export function blank(type: NodeType): FlowNode {
  switch (type) {
    case 'choose':
      return { type, options: [] }
    case 'branch':
      return { type, cases: [] }
    case 'call':
      return { type, with: {}, errors: { else: '' } }
    case 'set':
      return { type, slots: {} }
    case 'guide':
      return { type, steps: [] }
    case 'verify':
      return { type, level: 'order' }
    case 'survey':
      return { type, kind: 'thumbs' }
    case 'end':
      return { type, outcome: 'done' }
    default:
      return { type }
  }
}

/** A wording in the reader's language, else in any. */
export function inTongue(text: Text | undefined, locale: string): string {
  if (!text) return ''
  return text[locale] ?? text[locale.split('-')[0] ?? ''] ?? text.en ?? Object.values(text)[0] ?? ''
}

/** One line that says what a node does. */
export function gist(doc: FlowDoc, node: FlowNode, locale: string): string {
  const said = inTongue(node.text, locale)
  switch (node.type) {
    case 'ask':
      return said || inTongue(doc.slots?.[node.slot ?? '']?.ask, locale) || (node.slot ?? '')
    case 'branch':
      return (node.cases ?? []).map((one) => one.when).join(' · ')
    case 'set':
      return Object.keys(node.slots ?? {}).join(' · ')
    case 'call':
      return node.do ?? ''
    case 'verify':
      return node.subject ?? ''
    case 'guide':
      return inTongue(node.steps?.[0]?.text, locale)
    case 'run':
      return node.flow ?? ''
    case 'handover':
      return node.reason ?? ''
    case 'end':
      return said || (node.outcome ?? '')
    default:
      return said
  }
}

export interface Change {
  what: 'added' | 'removed' | 'changed'
  /** Where in the document: nodes.sure.text.en */
  path: string
  before?: string
  after?: string
}

const told = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What differs between two documents, leaf by leaf; where things stand on the canvas is left out. */
export function differences(before: unknown, after: unknown, path = ''): Change[] {
  if (path === 'layout') return []
  const inner = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  if (inner(before) && inner(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => differences(before[key], after[key], path ? `${path}.${key}` : key))
  }
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ what: 'added', path, after: told(after) }]
  if (after === undefined) return [{ what: 'removed', path, before: told(before) }]
  return told(before) === told(after) ? [] : [{ what: 'changed', path, before: told(before), after: told(after) }]
}
