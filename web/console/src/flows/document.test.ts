import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { differences, freshKey, gist, waysOf, withNode, written, type FlowDoc } from './document'
import { box, placed } from './place'

const flows = JSON.parse(readFileSync(new URL('../../../../packs/ecommerce/flows.json', import.meta.url), 'utf8')) as FlowDoc[]
const address = flows.find((one) => one.key === 'change_address') as FlowDoc
const doc: FlowDoc = {
  format: 'everdesk.flow/1', key: 'k', title: { en: 'K' }, entry: 'a', slots: { order: { type: 'order', ask: { en: 'Which order?', zh: '哪个订单？' } } },
  nodes: {
    a: { type: 'ask', slot: 'order', next: 'b', giveup: 'person' },
    b: { type: 'branch', cases: [{ when: 'x', next: 'c' }], else: 'person' },
    c: { type: 'end', outcome: 'done' },
    person: { type: 'handover', reason: 'k' },
    lost: { type: 'end', outcome: 'nothing' },
  },
}

describe('the ways out of a node', () => {
  it('are those of its type, led somewhere or not', () => {
    expect(waysOf({ type: 'confirm', yes: 'x' }).map((way) => [way.kind, way.to])).toEqual([['yes', 'x'], ['no', ''], ['giveup', '']])
    expect(waysOf({ type: 'end' })).toEqual([])
  })
  it('name conditions, options and codes', () => {
    expect(waysOf({ type: 'call', next: 'x', errors: { not_found: 'y', else: '' } }).map((way) => `${way.kind}:${way.name}`)).toEqual(['next:', 'error:not_found', 'error:else'])
  })
  it('are written where they stand', () => {
    const node = { type: 'branch' as const, cases: [{ when: 'x', next: 'c' }], else: 'd' }
    expect(written(node, ['cases', 0, 'next'], 'e').cases?.[0]?.next).toBe('e')
    expect(written(node, ['else'], '')).not.toHaveProperty('else')
    expect(node.cases[0]?.next).toBe('c')
  })
  it('lead only to nodes there are, in every flow of the pack', () => {
    for (const flow of flows)
      for (const [key, node] of Object.entries(flow.nodes)) for (const { to } of waysOf(node)) if (to) expect(flow.nodes, `${flow.key}.${key}`).toHaveProperty(to)
  })
})

describe('a node taken out', () => {
  it('leaves no way that leads to it', () => {
    const left = withNode(doc, 'person', undefined)
    expect(left.nodes).not.toHaveProperty('person')
    expect(Object.values(left.nodes).flatMap(waysOf).filter((way) => way.to === 'person')).toEqual([])
  })
  it('frees its name', () => {
    expect(freshKey(doc, 'end')).toBe('end')
    expect(freshKey({ ...doc, nodes: { ...doc.nodes, end: { type: 'end' } } }, 'end')).toBe('end_2')
  })
})

describe('the canvas', () => {
  it('sets a node below all that lead to it, and what nothing leads to below all', () => {
    const at = placed(doc)
    expect([at.a?.y, at.b?.y, at.person?.y, at.c?.y, at.lost?.y].map((y) => (y ?? NaN) / box.down)).toEqual([0, 1, 2, 2, 3])
  })
  it('keeps the way that goes well in one column', () => {
    const at = placed(address)
    expect(['which', 'who', 'load', 'still', 'where', 'sure', 'save', 'ok'].map((key) => at[key]?.x)).toEqual(Array(8).fill(0))
  })
  it('leaves a node where its author put it', () => expect(placed({ ...doc, layout: { c: { x: 7, y: 9 } } }).c).toEqual({ x: 7, y: 9 }))
  it('lays no two nodes of a real flow over each other', () => {
    const at = Object.values(placed(address)).map((place) => `${place.x},${place.y}`)
    expect(new Set(at).size).toBe(at.length)
  })
})

it('a question’s gist is what is asked, in the reader’s language', () => {
  expect(gist(doc, doc.nodes.a!, 'zh-CN')).toBe('哪个订单？')
  expect(gist(doc, doc.nodes.a!, 'en')).toBe('Which order?')
})

describe('two versions', () => {
  it('differ leaf by leaf', () => {
    const after: FlowDoc = { ...doc, title: { en: 'Q' }, nodes: { ...withNode(doc, 'lost', undefined).nodes, d: { type: 'end', outcome: 'done' } } }
    expect(differences(doc, after).map((change) => `${change.what} ${change.path}`)).toEqual(['changed title.en', 'removed nodes.lost', 'added nodes.d'])
  })
  it('do not differ by where things stand', () => expect(differences(doc, { ...doc, layout: { a: { x: 1, y: 1 } } })).toEqual([]))
})
