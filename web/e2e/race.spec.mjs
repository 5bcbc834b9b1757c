// Two people act on one conversation at once: one wins, the other is told why
// not, and nothing the customer said is closed unseen.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { atWork, journey, launch } from './lib/browser.mjs'
import { Desk, people, signIn, visitor, widgetKey } from './lib/desk.mjs'
import { until } from './lib/until.mjs'
import { consoleSays } from './lib/words.mjs'

const say = consoleSays('zh-CN')
const button = (page, key) => page.locator('header').getByRole('button', { name: say(key) })

let desk, browser, owner, lin, chen, key

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  ;[owner, lin, chen] = await Promise.all([people.owner, people.lin, people.chen].map((who) => signIn(desk, who)))
  key = await widgetKey(owner)
  // At work, but not to be given anything: what waits is had by whoever takes it.
  await Promise.all([lin, chen].map((call) => call.ok('PUT', '/me/presence', { state: 'busy' })))
})
after(async () => {
  await browser?.close()
  await desk?.stop()
})

/** A visitor who waits for a person. */
async function waiting(words) {
  const shopper = await visitor(desk, key)
  const { conversation: { id } } = await shopper.ok('POST', '/conversations', { client_id: 'first', body: { type: 'text', text: words }, locale: 'zh-CN' })
  await shopper.ok('POST', `/conversations/${id}/handover`, {})
  return { shopper, id }
}

/** Holds a page's matching requests until they are let go. */
async function hold(page, pattern) {
  const held = []
  let open = false
  await page.route(pattern, (route) => open ? route.continue() : held.push(route))
  return {
    asked: () => until(() => held.length > 0, `${pattern} is asked for`),
    go: async () => {
      open = true
      await Promise.all(held.map((route) => route.continue()))
    },
  }
}

journey('two agents take at once: one has it, the other is told who', async () => {
  const [a, b] = await Promise.all([
    atWork(browser, desk, people.lin, { view: 'queue', call: lin, state: 'busy' }), atWork(browser, desk, people.chen, { view: 'queue', call: chen, state: 'busy' }),
  ])
  const { id } = await waiting('我的订单一直没发货')
  const holds = await Promise.all([a, b].map(({ page }) => hold(page, '**/take')))
  await Promise.all([a, b].map(async ({ page }) => {
    await page.locator(`#row-${id}`).click()
    await button(page, 'inbox.take').click()
  }))
  await Promise.all(holds.map((one) => one.asked()))
  await Promise.all(holds.map((one) => one.go()))

  const { owner: holder } = await until(async () => {
    const now = await owner.get(`/conversations/${id}`)
    return now.owner.kind === 'agent' && now
  }, 'somebody has it')
  const [winner, loser] = holder.staff.id === lin.me.id ? [a, b] : [b, a]
  await button(winner.page, 'inbox.resolve').waitFor()
  await loser.page.getByText(say('inbox.taken_by', { name: holder.staff.name })).waitFor()
  await loser.page.locator('header').getByText(holder.staff.name).waitFor()
  const taken = (await owner.get(`/conversations/${id}/transitions`)).items.filter((one) => one.to.kind === 'agent')
  assert.equal(taken.length, 1, 'it changed hands once')
})

journey('resolving loses to a message that was not seen', async () => {
  const { shopper, id } = await waiting('灯不亮了')
  const { page } = await atWork(browser, desk, people.lin, { view: 'queue', call: lin, state: 'busy' })
  await page.locator(`#row-${id}`).click()
  await button(page, 'inbox.take').click()
  await button(page, 'inbox.resolve').waitFor()
  const held = await hold(page, '**/resolve')
  await button(page, 'inbox.resolve').click()
  await held.asked()
  await shopper.ok('POST', `/conversations/${id}/entries`, { client_id: 'late', body: { type: 'text', text: '等等，又亮了一下又灭了' } })
  await held.go()
  await page.getByText(say('inbox.newer_message')).waitFor()
  await page.getByRole('log').getByText('等等，又亮了一下又灭了').waitFor()
  assert.equal((await owner.get(`/conversations/${id}`)).state, 'open')

  await button(page, 'inbox.resolve').click()
  await until(async () => (await owner.get(`/conversations/${id}`)).state === 'resolved', 'it is resolved once everything was seen')
})
