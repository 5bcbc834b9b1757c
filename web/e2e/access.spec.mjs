// Every page of the product in both themes: axe-core finds nothing serious.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { barriers } from './lib/axe.mjs'
import { atWork, journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn, widgetKey } from './lib/desk.mjs'
import { consoleScreens, shown } from './lib/screens.mjs'
import { begin, openWidget } from './lib/shop.mjs'
import { widgetSays } from './lib/words.mjs'

let desk, browser, owner, key

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.demo(), launch()])
  owner = await signIn(desk, people.owner)
  key = await widgetKey(owner)
})
after(async () => {
  await browser?.close()
  await desk?.stop()
})

/** Collects what is wrong on many screens, so that one run tells all. */
function findings() {
  const all = []
  return {
    look: async (name, frame) => { for (const one of await barriers(frame)) all.push(`${name}: ${one}`) },
    none: () => assert.deepEqual(all, []),
  }
}

for (const theme of ['light', 'dark']) {
  journey(`the console, ${theme}`, async () => {
    const found = findings()
    const { page } = await atWork(browser, desk, people.owner, { theme })
    for (const path of await consoleScreens(owner)) {
      await page.goto(desk.url + path)
      await shown(page)
      await found.look(path, page)
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
    await found.look('palette', page)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await found.look('shortcuts', page)
    found.none()
  })

  journey(`the doors, the documentation and the shop, ${theme}`, async () => {
    const found = findings()
    const { page } = await person(browser, { theme, locale: 'en-GB' })
    for (const path of ['/sign-in', '/forgot', '/no-such-page', '/docs', '/demo/', '/demo/orders', '/demo/returns']) {
      await page.goto(desk.url + path)
      await shown(page)
      await found.look(path, page)
    }
    found.none()
  })

  journey(`the widget, ${theme}`, async () => {
    const found = findings()
    const say = widgetSays('en')
    const { page } = await person(browser, { theme, locale: 'en-GB' })
    await page.goto(`${desk.url}/demo/`)
    const widget = await openWidget(page)
    const settled = () => widget.waitForFunction(() => !document.querySelector('.sk'))
    const tab = async (name) => {
      await widget.getByRole('navigation').getByRole('button', { name: say(name) }).click()
      await settled()
    }
    await widget.locator('.home').waitFor()
    await settled()
    await found.look('home', widget)
    for (const name of ['tab_messages', 'tab_tickets', 'tab_help']) {
      await tab(name)
      await found.look(name, widget)
    }
    await tab('tab_home')
    await begin(widget, 'How many days until my order arrives?')
    await widget.locator('.src').waitFor()
    await found.look('an answer', widget)
    await widget.locator('.src').click()
    await widget.getByRole('heading', { level: 1 }).waitFor()
    await settled()
    await found.look('an article', widget)

    const alone = await person(browser, { theme, locale: 'zh-CN', width: 390, height: 800 })
    await alone.page.goto(`${desk.url}/h5?key=${key}`)
    await begin(alone.page.mainFrame(), '退款')
    await alone.page.locator('.m.bt').last().waitFor()
    await found.look('the page of its own', alone.page)
    await alone.page.locator('.w-h').getByRole('button', { name: widgetSays('zh-CN')('person') }).click()
    await alone.page.locator('input[type=email]').waitFor()
    await found.look('nobody there', alone.page)
    found.none()
  })
}
