// A flow is read, changed, checked, tried, published and brought back in the
// console.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { barriers } from './lib/axe.mjs'
import { atWork, journey, launch } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { until } from './lib/until.mjs'
import { consoleSays } from './lib/words.mjs'

const say = consoleSays('zh-CN')
let desk, browser, owner

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.demo({ args: ['--quiet'] }), launch()])
  owner = await signIn(desk, people.owner)
})
after(async () => {
  await browser?.close()
  await desk?.stop()
})

journey('a flow is changed, checked, tried, published and rolled back', async () => {
  const { page } = await atWork(browser, desk, people.owner, { width: 1440 })
  await page.goto(`${desk.url}/flows`)
  await page.getByRole('link', { name: '修改收货地址' }).click()
  const canvas = page.locator('.vue-flow')
  const step = (key) => canvas.locator(`[data-id="${key}"]`)
  await step('sure').waitFor()
  assert.deepEqual(await barriers(page), [], 'axe finds nothing serious')
  const { id } = (await owner.get('/flows')).items.find((one) => one.key === 'change_address')
  const was = (await owner.get(`/flows/${id}`)).published

  // A step that others need: without it the flow cannot be published, and undo brings it back.
  await step('sure').click()
  await page.getByRole('button', { name: say('flows.remove') }).click()
  await page.getByText(say('flows.blocked')).waitFor()
  assert.equal(await page.getByRole('button', { name: say('flows.publish'), exact: true }).isDisabled(), true)
  await page.getByRole('button', { name: say('flows.undo') }).click()
  await step('sure').waitFor()
  await page.getByText(say('flows.blocked')).waitFor({ state: 'detached' })

  // Other words, said by the bot in the test chat before anybody is shown them.
  await step('sure').click()
  const words = page.getByLabel(say('flows.text', { language: say('shell.languages.zh-CN') }))
  await words.fill('{{slots.order}} 改寄 {{slots.address}}，这样可以吗？')
  await words.blur()
  await page.getByRole('button', { name: say('flows.test'), exact: true }).click()
  await page.getByPlaceholder(say('flows.test_hint')).fill('我要改收货地址')
  await page.keyboard.press('Enter')
  const chat = page.getByRole('log', { name: say('flows.test') })
  await chat.locator('.m.b').first().waitFor()

  // Published, and back.
  await page.getByRole('button', { name: say('flows.publish'), exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: say('flows.publish'), exact: true }).click()
  await until(async () => (await owner.get(`/flows/${id}`)).published === was + 1, 'the next version is published')
  assert.match((await owner.get(`/flows/${id}`)).document.nodes.sure.text.zh, /这样可以吗/)
  await page.getByRole('button', { name: say('flows.versions') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: say('flows.version', { n: was }) }).click()
  await dialog.getByText('nodes.sure.text.zh').waitFor()
  await dialog.getByRole('button', { name: say('flows.roll_back') }).click()
  await dialog.waitFor({ state: 'hidden' })
  // Customers meet the earlier version; the draft keeps its words for another day.
  await until(async () => (await owner.get(`/flows/${id}`)).published === was, 'customers meet the earlier version')
  await page.getByText(say('flows.changed', { n: was })).waitFor()
})
