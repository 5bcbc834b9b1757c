// Both languages, switched while one works: the screen changes at once, and is
// remembered.
import { after, before } from 'node:test'
import { atWork, journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { begin, openWidget, Shop } from './lib/shop.mjs'
import { consoleSays, widgetSays } from './lib/words.mjs'

const [zh, en] = ['zh-CN', 'en'].map(consoleSays)
const [shownZh, shownEn] = ['zh-CN', 'en'].map(widgetSays)
let desk, browser, owner, shop

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  owner = await signIn(desk, people.owner)
  shop = await Shop.open(desk, owner)
})
after(async () => {
  await browser?.close()
  await shop?.close()
  await desk?.stop()
})

journey('the console changes language from the palette and keeps it', async () => {
  const { page } = await atWork(browser, desk, people.lin)
  await page.getByRole('heading', { name: zh('shell.view.mine') }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('English')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: en('shell.view.mine') }).waitFor()
  await page.locator('html[lang="en"]').waitFor()

  await page.reload()
  await page.getByRole('heading', { name: en('shell.view.mine') }).waitFor()
})

journey('the widget follows the shop’s page, and its visitor may say otherwise', async () => {
  const { page } = await person(browser, { locale: 'de-DE' })
  await page.goto(`${shop.url}/?lang=zh-CN`)
  let widget = await openWidget(page)
  await widget.getByRole('button', { name: shownZh('start') }).waitFor()
  await widget.getByRole('button', { name: /English|EN/ }).click()
  await widget.getByRole('button', { name: shownEn('start') }).waitFor()
  await begin(widget, 'Do you sell lamps?')
  await page.reload()
  widget = await openWidget(page)
  await widget.getByRole('button', { name: shownEn('continue') }).click()
  await widget.locator('.m.me', { hasText: 'Do you sell lamps?' }).waitFor()
  await widget.locator('html[lang="en"]').waitFor()
})
