import { describe, expect, it } from 'vitest'
import { readProblem } from './problem'

describe('a refusal', () => {
  it('is read as the server words it', () => {
    const text = JSON.stringify({ status: 409, code: 'conversation.taken', title: 'Taken', facts: { agent: 'Cheng' }, trace: 't1' })
    const problem = readProblem(409, text)
    expect([problem.code, problem.title, problem.facts.agent, problem.trace]).toEqual(['conversation.taken', 'Taken', 'Cheng', 't1'])
  })
  it('is still a refusal when a proxy answers in HTML', () => {
    expect(readProblem(502, '<html>Bad Gateway</html>', 't2')).toMatchObject({ status: 502, code: 'http.502', trace: 't2', passing: true })
  })
  it('drops fields that are not fields', () => {
    expect(readProblem(422, '{"code":"x.y","fields":[{"path":"a","code":"b"},7,null]}').fields).toEqual([{ path: 'a', code: 'b' }])
  })
  it.each([
    ['no answer', 0, true],
    ['too many requests', 429, true],
    ['being restarted', 503, true],
    ['a wrong body', 422, false],
    ['a lost race', 409, false],
    ['our own mistake', 500, false],
  ])('after %s, the same request may pass later: %s %s', (_, status, passing) => expect(readProblem(status, '').passing).toBe(passing))
})
