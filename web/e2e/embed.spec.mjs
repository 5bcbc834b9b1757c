// Embedded for real, across sites, with third-party cookies blocked: the shop on
// localhost, the desk on 127.0.0.1. Whatever is cut, what was said is kept and
// arrives once, and there is something to read meanwhile.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { begin, openWidget, Shop, tell } from './lib/shop.mjs'
import { until } from './lib/until.mjs'
import { Wire } from './lib/wire.mjs'
import { widgetSays } from './lib/words.mjs'

const say = widgetSays('zh-CN')
let desk, browser, owner, shop, wire

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  owner = await signIn(desk, people.owner)
  wire = await Wire.to(desk.port)
  shop = await Shop.open(desk, owner, { url: wire.url })
})
after(async () => {
  await browser?.close()
  await shop?.close()
  await wire?.close()
  await desk?.stop()
})

/** The messages a visitor's newest conversation holds of them. */
async function kept(first) {
  const { items } = await owner.get('/conversations?view=open')
  for (const { id } of items) {
    const entries = (await owner.get(`/conversations/${id}/entries?limit=100`)).items
    const own = entries.filter((entry) => entry.author.kind === 'customer' && entry.kind === 'message').map((entry) => entry.body.text)
    if (own[0] === first) return own
  }
  return []
}

/** The worker has the shell and this page may live on it. */
const settled = (frame) => frame.waitForFunction(async () => !!(await navigator.serviceWorker?.ready)?.active && (await caches.keys()).length >= 2)

journey('the network is cut with the page open: history stays, words wait, each arrives once', async () => {
  const { context, page } = await person(browser)
  await page.goto(shop.url)
  const widget = await openWidget(page)
  await begin(widget, '断网之前说的')
  await widget.locator('.m.bt').last().waitFor()
  assert.deepEqual((await context.cookies()).filter((one) => one.domain.includes('127.0.0.1')), [], 'the desk keeps no cookie here')

  wire.break()
  await context.setOffline(true)
  await tell(widget, '断网时第一句')
  await tell(widget, '断网时第二句')
  await widget.getByText(say('net_down')).waitFor()
  await widget.locator('.m.me', { hasText: '断网之前说的' }).waitFor()
  assert.deepEqual(await kept('断网之前说的'), ['断网之前说的'])

  wire.heal()
  await context.setOffline(false)
  await until(async () => (await kept('断网之前说的')).length >= 3, 'what waited has arrived', { within: 45_000 })
  await widget.getByText(say('net_down')).waitFor({ state: 'hidden' })
  assert.deepEqual(await kept('断网之前说的'), ['断网之前说的', '断网时第一句', '断网时第二句'])
  assert.equal(await widget.locator('.m.me').count(), 3)
})

journey('the desk is down and the shop reloaded: the window opens from what was kept, and a message waits', async () => {
  const { page } = await person(browser)
  await page.goto(shop.url)
  let widget = await openWidget(page)
  await begin(widget, '关机之前说的')
  await widget.locator('.m.bt').last().waitFor()
  await settled(widget)

  await desk.kill()
  await page.reload()
  widget = await openWidget(page)
  await widget.getByRole('button', { name: say('continue') }).click()
  await widget.locator('.m.me', { hasText: '关机之前说的' }).waitFor()
  await widget.getByText(say('desk_down')).waitFor()
  await tell(widget, '关机时说的')
  // It is on the device, not in the page.
  await page.reload()
  widget = await openWidget(page)
  await widget.getByRole('button', { name: say('continue') }).click()
  await widget.locator('.m.me', { hasText: '关机时说的' }).waitFor()

  await desk.run()
  await until(async () => (await kept('关机之前说的')).length >= 2, 'what waited has arrived', { within: 60_000 })
  await widget.getByText(say('desk_down')).waitFor({ state: 'hidden' })
  assert.deepEqual(await kept('关机之前说的'), ['关机之前说的', '关机时说的'])
  assert.equal(await widget.locator('.m.me').count(), 2)
})

journey('the page of its own reloads without a network', async () => {
  const { context, page } = await person(browser, { width: 390, height: 800 })
  await page.goto(`${wire.url}/h5?key=${shop.key}`)
  await begin(page.mainFrame(), '在地铁里问的')
  await page.locator('.m.bt').last().waitFor()
  await settled(page.mainFrame())

  await context.setOffline(true)
  await page.reload()
  await page.getByRole('button', { name: say('continue') }).click()
  await page.locator('.m.me', { hasText: '在地铁里问的' }).waitFor()
  await tell(page.mainFrame(), '隧道里补一句')

  await context.setOffline(false)
  await until(async () => (await kept('在地铁里问的')).length >= 2, 'what waited has arrived', { within: 45_000 })
  assert.deepEqual(await kept('在地铁里问的'), ['在地铁里问的', '隧道里补一句'])
})
