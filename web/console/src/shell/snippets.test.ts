import { expect, it } from 'vitest'
import { fillSnippet } from './snippets'

const names = { customer: '顾晚', agent: 'Lin' }
it.each([
  ['puts the customer’s name in', '{{customer.name}}，您好', '顾晚，您好'],
  ['puts the writer’s name in, spaced as you like', 'I am {{ agent.name }}.', 'I am Lin.'],
  ['leaves other braces alone', '{{order.number}} {{x}}', '{{order.number}} {{x}}'],
])('a snippet %s', (_, given, want) => expect(fillSnippet(given, names)).toBe(want))

it('a snippet shows what is missing rather than a hole', () => expect(fillSnippet('Dear {{customer.name}}', { ...names, customer: '' })).toBe('Dear {{customer.name}}'))
