// The bot does not know, or a person is wanted: the colleague with the least to
// do has it at once, knows what it is about, and they talk until it is solved.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { atWork, journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn, visitor } from './lib/desk.mjs'
import { begin, openWidget, Shop, tell } from './lib/shop.mjs'
import { until } from './lib/until.mjs'
import { consoleSays, widgetSays } from './lib/words.mjs'

let desk, browser, shop, owner, lin, maya

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  ;[owner, lin, maya] = await Promise.all([people.owner, people.lin, people.maya].map((who) => signIn(desk, who)))
  shop = await Shop.open(desk, owner)
})
after(async () => {
  await browser?.close()
  await shop?.close()
  await desk?.stop()
})

/** Gives somebody a chat, so that a colleague has less to do. */
async function occupy(call) {
  const other = await visitor(desk, shop.key)
  const { conversation } = await other.ok('POST', '/conversations', { client_id: 'first', body: { type: 'text', text: '在吗' }, locale: 'zh-CN' })
  await call.ok('POST', `/conversations/${conversation.id}/take`, { owner_epoch: 0 })
}

/** The conversation that an agent was given, once there is one. */
const given = (call) => until(async () => (await call.get('/conversations?view=mine')).items[0], `${call.me.name} is given a conversation`)

journey('a visitor asks for a person by the button, chats live, and rates', async () => {
  const agent = consoleSays('en')
  const shopper = widgetSays('zh-CN')
  const [, m, visit] = await Promise.all([
    atWork(browser, desk, people.lin, { call: lin }), atWork(browser, desk, people.maya, { call: maya }), person(browser),
  ])
  await occupy(lin)
  await visit.page.goto(shop.url)
  const widget = await openWidget(visit.page)
  await begin(widget, '我的台灯一直闪，换过灯泡也没用')
  await widget.locator('.w-h').getByRole('button', { name: shopper('person') }).click()

  // The one with less to do has it, with what it is about.
  const { id } = await given(maya)
  await m.page.locator(`#row-${id}`).click()
  await m.page.getByText(agent('thread.summary')).waitFor()
  await m.page.getByRole('log').getByText('我的台灯一直闪，换过灯泡也没用').first().waitFor()
  await widget.getByRole('heading', { name: 'Maya Reed' }).waitFor()

  // Both see the other write, what they wrote, and that it was read.
  const reply = m.page.getByRole('textbox', { name: agent('thread.reply') })
  await reply.pressSequentially('请问是哪一款', { delay: 20 })
  await widget.getByRole('status').filter({ hasText: shopper('typing', { name: 'Maya Reed' }) }).waitFor()
  await reply.press('Control+Enter')
  await widget.locator('.m.hu', { hasText: '请问是哪一款' }).waitFor()
  await m.page.getByRole('log').getByText(agent('thread.mark.read')).waitFor({ state: 'attached' })
  await widget.locator('.box textarea').pressSequentially('云雀 L2', { delay: 20 })
  await m.page.locator('.typing').waitFor()
  await widget.locator('.box textarea').press('Enter')
  await m.page.getByRole('log').getByText('云雀 L2').waitFor()
  await widget.locator('.by.r', { hasText: shopper('state_read') }).last().waitFor()

  await m.page.locator('header').getByRole('button', { name: agent('inbox.resolve') }).click()
  await widget.getByText(shopper('rate_title')).last().waitFor()
  await widget.getByText(shopper('rate_5')).click()
  await widget.getByRole('button', { name: shopper('submit') }).click()
  await widget.getByText(shopper('rating_thanks')).waitFor()
  await m.page.getByText(agent('thread.rated', { n: 5 })).waitFor()
  assert.equal((await owner.get(`/conversations/${id}`)).state, 'resolved')
})

journey('a person asked for in words is called, in English too', async () => {
  await lin.ok('PUT', '/me/presence', { state: 'offline' })
  const [m, visit] = await Promise.all([atWork(browser, desk, people.maya, { call: maya }), person(browser, { locale: 'en-GB' })])
  await visit.page.goto(`${shop.url}/?lang=en`)
  const widget = await openWidget(visit.page)
  await begin(widget, 'Can I talk to a person?')
  await widget.getByRole('heading', { name: 'Maya Reed' }).waitFor()
  const { id } = await given(maya)
  await m.page.locator(`#row-${id}`).click()
  await m.page.getByRole('textbox', { name: 'Reply' }).fill('Of course, here I am')
  await m.page.getByRole('button', { name: 'Send', exact: true }).click()
  await widget.locator('.m.hu', { hasText: 'Of course, here I am' }).waitFor()
  await tell(widget, 'Thank you!')
  await m.page.getByRole('log').getByText('Thank you!').waitFor()
})
