// The agent's laptop dies without a goodbye: within a minute the conversation is
// back in the queue and the next agent has it, and the visitor is told.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { atWork, journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { begin, openWidget, Shop } from './lib/shop.mjs'
import { until } from './lib/until.mjs'
import { Wire } from './lib/wire.mjs'
import { consoleSays } from './lib/words.mjs'

let desk, browser, owner, lin, maya, shop, wire

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  ;[owner, lin, maya] = await Promise.all([people.owner, people.lin, people.maya].map((who) => signIn(desk, who)))
  ;[wire, shop] = await Promise.all([Wire.to(desk.port), Shop.open(desk, owner)])
})
after(async () => {
  await browser?.close()
  await shop?.close()
  await wire?.close()
  await desk?.stop()
})

journey('a dead laptop gives its conversation to the next agent within a minute', async () => {
  const [, visit] = await Promise.all([
    atWork(browser, desk, people.lin, { url: wire.url, call: lin }), person(browser, { locale: 'zh-CN' }),
  ])
  await visit.page.goto(shop.url)
  const widget = await openWidget(visit.page)
  await begin(widget, '我要找人工')
  await widget.getByRole('heading', { name: '林晓' }).waitFor()
  const { id } = await until(async () => (await lin.get('/conversations?view=mine')).items[0], 'Lin has it')
  const m = await atWork(browser, desk, people.maya, { call: maya })

  wire.freeze()
  const died = Date.now()
  await widget.getByRole('heading', { name: 'Maya Reed' }).waitFor({ timeout: 75_000 })
  const took = Math.round((Date.now() - died) / 1000)
  assert.ok(took <= 60, `the next agent had it after ${took} s`)
  await m.page.locator(`#row-${id}`).click()
  const log = m.page.getByRole('log')
  await log.getByText('我要找人工').first().waitFor()
  await log.getByText(consoleSays('en')('thread.reason.presence_lapsed')).waitFor()
  const moves = (await owner.get(`/conversations/${id}/transitions`)).items
  assert.ok(moves.some((one) => one.from.kind === 'agent' && one.to.kind === 'queue'), 'it went through the queue')
})
