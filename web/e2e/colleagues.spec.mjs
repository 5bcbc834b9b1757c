// What people at the desk know of one another, and what becomes of their words
// when something is in the way.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { atWork, journey, launch } from './lib/browser.mjs'
import { Desk, people, signIn, visitor, widgetKey } from './lib/desk.mjs'
import { until } from './lib/until.mjs'
import { consoleSays } from './lib/words.mjs'

const say = consoleSays('en')
let desk, browser, owner, maya, lin, key

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  ;[owner, maya, lin] = await Promise.all([people.owner, people.maya, people.lin].map((who) => signIn(desk, who)))
  key = await widgetKey(owner)
})
after(async () => {
  await browser?.close()
  await desk?.stop()
})

/** A conversation that is Maya's, the only one. */
async function hers(words) {
  for (const one of (await maya.get('/conversations?view=mine')).items) await maya.ok('POST', `/conversations/${one.id}/resolve`, { seen_seq: one.last_seq })
  const shopper = await visitor(desk, key, 'en')
  const { conversation } = await shopper.ok('POST', '/conversations', { client_id: 'first', body: { type: 'text', text: words }, locale: 'en' })
  await until(async () => (await owner.get(`/conversations/${conversation.id}`)).last_seq > 2, 'the bot has had its turn')
  const { owner_epoch } = await owner.get(`/conversations/${conversation.id}`)
  await maya.ok('POST', `/conversations/${conversation.id}/take`, { owner_epoch })
  return { id: conversation.id, shopper }
}

journey('colleagues see who else has a conversation open, and that they have left', async () => {
  const { id } = await hers('Where is my lamp?')
  const m = await atWork(browser, desk, people.maya, { call: maya })
  await m.page.goto(`${desk.url}/inbox/mine/${id}`)
  await m.page.getByRole('log').getByText('Where is my lamp?').first().waitFor()
  const c = await atWork(browser, desk, people.chen, { view: `open/${id}` })
  // Whoever comes later is told of those who were there before.
  await c.page.getByRole('status').filter({ hasText: 'Maya Reed' }).waitFor()
  const told = m.page.getByRole('status').filter({ hasText: '陈默' })
  await told.waitFor()
  await c.page.goto(`${desk.url}/tickets`)
  await told.waitFor({ state: 'detached' })
})

journey('no page asks for a feed its reader may not hear', async () => {
  const { id } = await hers('Do you deliver to Iceland?')
  const m = await atWork(browser, desk, people.maya, { call: maya })
  const refused = []
  m.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => /"error":\{/.test(String(payload)) && refused.push(String(payload))))
  for (const path of ['/inbox/mine', `/inbox/mine/${id}`, '/tickets', '/inbox/open']) {
    await m.page.goto(desk.url + path)
    await m.page.locator('h1, h2').first().waitFor()
    await m.page.waitForLoadState('networkidle')
  }
  assert.deepEqual(refused, [])
})

journey('a transfer to somebody who is not there says so, and stays open for another choice', async () => {
  const { id } = await hers('My kettle leaks')
  const m = await atWork(browser, desk, people.maya, { call: maya })
  await m.page.goto(`${desk.url}/inbox/mine/${id}`)
  await m.page.getByRole('log').getByText('My kettle leaks').first().waitFor()
  await lin.ok('PUT', '/me/presence', { state: 'offline' })
  await m.page.keyboard.press('a')
  const dialog = m.page.getByRole('dialog')
  await dialog.waitFor()
  await m.page.keyboard.press('Enter')
  await dialog.getByRole('alert').filter({ hasText: say('inbox.transfer_choose') }).waitFor()
  await m.page.keyboard.type('林')
  await dialog.getByRole('option', { name: '林晓', selected: true }).waitFor()
  await m.page.keyboard.press('Enter')
  await dialog.getByRole('alert').filter({ hasText: '林晓' }).waitFor()
  assert.equal((await owner.get(`/conversations/${id}`)).owner.staff.id, maya.me.id)
})

journey('a reply that could not leave goes out after a reload, once', async () => {
  const { id } = await hers('Is the scarf wool?')
  const m = await atWork(browser, desk, people.maya, { call: maya })
  await m.page.goto(`${desk.url}/inbox/mine/${id}`)
  await m.page.getByRole('log').getByText('Is the scarf wool?').first().waitFor()
  await m.page.route('**/entries', (route) => route.request().method() === 'POST' ? route.abort() : route.continue())
  await m.page.getByRole('textbox', { name: say('thread.reply') }).fill('Cashmere, all of it')
  await m.page.keyboard.press('Enter')
  await m.page.getByText(say('thread.queued')).waitFor()
  await m.page.unroute('**/entries')
  await m.page.reload()
  const said = async () => (await owner.get(`/conversations/${id}/entries`)).items.filter((entry) => entry.body.text === 'Cashmere, all of it')
  await until(async () => (await said()).length > 0, 'it has left')
  await m.page.getByRole('log').getByText('Cashmere, all of it').waitFor()
  assert.equal((await said()).length, 1)
})

journey('what the desk says is words, not marks of emphasis', async () => {
  const { id, shopper } = await hers('Is the mug blue?')
  await shopper.ok('POST', `/conversations/${id}/contact`, { email: 'bo.larsson@customer.test' })
  await maya.ok('POST', `/conversations/${id}/entries`, { client_id: 'n', kind: 'note', body: { type: 'text', text: 'b***@x.test and *this* stay as they are' } })
  const m = await atWork(browser, desk, people.maya, { call: maya })
  await m.page.goto(`${desk.url}/inbox/mine/${id}`)
  await m.page.getByText('b***@x.test and *this* stay as they are').waitFor()
  for (const entry of (await owner.get(`/conversations/${id}/entries`)).items)
    if (entry.author.kind === 'system' && entry.body.type === 'text') await m.page.getByText(entry.body.text, { exact: true }).first().waitFor()
})

journey('a resolve pressed at once counts as having seen what the list showed', async () => {
  const { id } = await hers('Thanks, all good')
  const m = await atWork(browser, desk, people.maya, { call: maya })
  await m.page.locator(`#row-${id}`).waitFor()
  // The messages are slow to come.
  await m.page.route('**/entries?*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await route.continue()
  })
  await m.page.locator(`#row-${id}`).click()
  await m.page.locator('header').getByRole('button', { name: say('inbox.resolve') }).waitFor()
  await m.page.keyboard.press('e')
  await until(async () => (await owner.get(`/conversations/${id}`)).state === 'resolved', 'it is resolved')
})
