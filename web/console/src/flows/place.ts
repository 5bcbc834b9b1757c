import { waysOf, type FlowDoc, type Place, type Way } from './document'

/** How wide a node stands on the canvas, and how far apart nodes are. */
export const box = { width: 190, across: 244, down: 100 }

const faults = new Set<Way['kind']>(['error', 'fail', 'stuck', 'giveup'])

/** Ways that are taken when something did not go as it should. */
export const isFault = (way: Way) => faults.has(way.kind)

/**
 * Where nodes stand: as their author put them, the others below all that lead to
 * them, the way that goes well straight down on the left. Ways that turn back
 * count for nothing; what nothing leads to stands below all else.
 */
export function placed(doc: FlowDoc): Record<string, Place> {
  const onward = (key: string) => waysOf(doc.nodes[key] ?? { type: 'end' }).filter((way) => way.to in doc.nodes)
  const { order, back } = walked(doc, onward)
  const row = new Map<string, number>()
  const column = new Map<string, number>()
  const taken = new Map<number, Set<number>>()
  for (const key of order) {
    row.set(key, row.get(key) ?? 0)
    for (const { to } of onward(key)) if (!back.has(`${key} ${to}`)) row.set(to, Math.max(row.get(to) ?? 0, (row.get(key) ?? 0) + 1))
  }
  const put = (key: string, wish: number) => {
    const its = taken.get(row.get(key) ?? 0) ?? new Set<number>()
    let at = wish
    while (its.has(at)) at++
    taken.set(row.get(key) ?? 0, its.add(at))
    column.set(key, at)
  }
  for (let key: string | undefined = order[0]; key !== undefined && !column.has(key); ) {
    put(key, 0)
    const now: string = key
    key = onward(now).find((way) => !isFault(way) && !back.has(`${now} ${way.to}`))?.to
  }
  // The others to the right of it, as near as there is room to what leads to them.
  const from = new Map<string, number[]>()
  for (const key of [...order].sort((a, b) => (row.get(a) ?? 0) - (row.get(b) ?? 0))) {
    const near = from.get(key) ?? []
    if (!column.has(key)) put(key, Math.max(1, Math.round(near.reduce((sum, one) => sum + one, 0) / Math.max(1, near.length))))
    for (const { to } of onward(key)) from.set(to, [...(from.get(to) ?? []), column.get(key) ?? 0])
  }
  const below = Math.max(-1, ...row.values()) + 1
  for (const key of Object.keys(doc.nodes))
    if (!column.has(key)) {
      row.set(key, below)
      put(key, 0)
    }
  return Object.fromEntries(Object.keys(doc.nodes).map((key) => [key, doc.layout?.[key] ?? { x: (column.get(key) ?? 0) * box.across, y: (row.get(key) ?? 0) * box.down }]))
}

/** What the entry leads to, each before all it leads to, and the ways that turn back. */
function walked(doc: FlowDoc, onward: (key: string) => Way[]): { order: string[]; back: Set<string> } {
  const order: string[] = []
  const back = new Set<string>()
  const state = new Map<string, 'open' | 'done'>()
  const visit = (key: string): void => {
    state.set(key, 'open')
    for (const { to } of onward(key)) {
      if (state.get(to) === 'open') back.add(`${key} ${to}`)
      else if (!state.has(to)) visit(to)
    }
    state.set(key, 'done')
    order.unshift(key)
  }
  if (doc.entry in doc.nodes) visit(doc.entry)
  return { order, back }
}
