// An office proxy refuses WebSockets: both sides fall back and still hear each
// other at once, typing and read marks with it.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { atWork, journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { begin, openWidget, Shop, tell } from './lib/shop.mjs'
import { until } from './lib/until.mjs'
import { Wire } from './lib/wire.mjs'
import { consoleSays, widgetSays } from './lib/words.mjs'

let desk, browser, owner, maya, shop, wire

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  ;[owner, maya] = await Promise.all([people.owner, people.maya].map((who) => signIn(desk, who)))
  wire = await Wire.to(desk.port)
  wire.refuseUpgrades = true
  shop = await Shop.open(desk, owner, { url: wire.url })
})
after(async () => {
  await browser?.close()
  await shop?.close()
  await wire?.close()
  await desk?.stop()
})

journey('with WebSockets refused both sides talk over a stream', async () => {
  const agent = consoleSays('en')
  const shopper = widgetSays('en')
  const [m, visit] = await Promise.all([
    atWork(browser, desk, people.maya, { url: wire.url, call: maya }), person(browser, { locale: 'en-GB' }),
  ])
  await visit.page.goto(`${shop.url}/?lang=en`)
  const widget = await openWidget(visit.page)
  await begin(widget, 'Can I talk to a person?')
  await widget.getByRole('heading', { name: 'Maya Reed' }).waitFor()
  const { id } = await until(async () => (await maya.get('/conversations?view=mine')).items[0], 'Maya has it')
  await m.page.locator(`#row-${id}`).click()

  // Signs of writing are never fetched: they arrive by a living stream or not at all.
  const reply = m.page.getByRole('textbox', { name: agent('thread.reply') })
  await reply.pressSequentially('Here I am', { delay: 20 })
  await widget.getByRole('status').filter({ hasText: shopper('typing', { name: 'Maya Reed' }) }).waitFor()
  await reply.press('Control+Enter')
  await widget.locator('.m.hu', { hasText: 'Here I am' }).waitFor()
  await widget.locator('.box textarea').pressSequentially('My lamp flickers', { delay: 20 })
  await m.page.locator('.typing').waitFor()
  await widget.locator('.box textarea').press('Enter')
  await m.page.getByRole('log').getByText('My lamp flickers').waitFor()
  await widget.locator('.by.r', { hasText: shopper('state_read') }).last().waitFor()
  assert.ok(wire.refused >= 2, 'both tried a WebSocket first and were refused')

  // The way is cut and heals: what was said meanwhile on either side arrives once.
  wire.break()
  await tell(widget, 'Still there?')
  await reply.fill('One moment, my line dropped')
  await reply.press('Control+Enter')
  wire.heal()
  await m.page.getByRole('log').getByText('Still there?').waitFor({ timeout: 45_000 })
  await widget.locator('.m.hu', { hasText: 'One moment, my line dropped' }).waitFor({ timeout: 45_000 })
  for (const words of ['Still there?', 'One moment, my line dropped']) {
    const { items } = await owner.get(`/conversations/${id}/entries?limit=100`)
    assert.equal(items.filter((entry) => entry.body.text === words).length, 1, words)
  }
})
