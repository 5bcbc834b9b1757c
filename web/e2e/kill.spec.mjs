// The power goes in the middle of a chat: nothing that was acknowledged is lost
// or doubled, and both sides go on by themselves.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { atWork, journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { begin, openWidget, Shop, tell } from './lib/shop.mjs'
import { until } from './lib/until.mjs'
import { consoleSays, widgetSays } from './lib/words.mjs'

let desk, browser, owner, maya, shop

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  ;[owner, maya] = await Promise.all([people.owner, people.maya].map((who) => signIn(desk, who)))
  shop = await Shop.open(desk, owner)
})
after(async () => {
  await browser?.close()
  await shop?.close()
  await desk?.stop()
})

journey('the server is killed three times while two people talk', async () => {
  const agent = consoleSays('en')
  const shopper = widgetSays('en')
  const [m, visit] = await Promise.all([atWork(browser, desk, people.maya, { call: maya }), person(browser, { locale: 'en-GB' })])
  await visit.page.goto(`${shop.url}/?lang=en`)
  const widget = await openWidget(visit.page)
  await begin(widget, 'Can I talk to a person?')
  await widget.getByRole('heading', { name: 'Maya Reed' }).waitFor()
  const { id } = await until(async () => (await maya.get('/conversations?view=mine')).items[0], 'Maya has it')
  await m.page.locator(`#row-${id}`).click()
  const reply = m.page.getByRole('textbox', { name: agent('thread.reply') })
  const answer = async (words) => {
    await reply.fill(words)
    await reply.press('Control+Enter')
  }
  const said = ['Can I talk to a person?']
  for (const round of [1, 2, 3]) {
    const [before, during, reply1, reply2] = [`before ${round}`, `during ${round}`, `answer ${round}`, `late answer ${round}`]
    await tell(widget, before)
    await answer(reply1)
    await widget.locator('.m.hu', { hasText: reply1 }).waitFor()
    // One message is on its way when the power goes.
    await widget.locator('.box textarea').fill(`cut ${round}`)
    await Promise.all([widget.locator('.box textarea').press('Enter'), desk.kill()])
    await tell(widget, during)
    await answer(reply2)
    await widget.getByText(shopper('desk_down')).waitFor()
    await desk.run()
    await m.page.getByRole('log').getByText(during, { exact: true }).waitFor({ timeout: 45_000 })
    await widget.locator('.m.hu', { hasText: reply2 }).waitFor({ timeout: 45_000 })
    said.push(before, reply1, `cut ${round}`, during, reply2)
  }
  await until(async () => {
    const { items } = await owner.get(`/conversations/${id}/entries?limit=100`)
    return items.filter((entry) => entry.kind === 'message' && entry.author.kind !== 'bot').length >= said.length
  }, 'everything has arrived')
  const { items } = await owner.get(`/conversations/${id}/entries?limit=100`)
  const got = items.filter((entry) => entry.kind === 'message' && entry.author.kind !== 'bot').map((entry) => entry.body.text)
  assert.deepEqual([...got].sort(), [...said].sort(), 'everything that was said is there, once')
  const own = (list) => list.filter((words) => !/answer/.test(words))
  assert.deepEqual(own(got), own(said), 'the customer’s words keep their order')
  // Both pages show what the desk has, once.
  for (const words of said) {
    assert.equal(await widget.getByRole('log').getByText(words, { exact: true }).count(), 1, `the widget shows “${words}” once`)
    assert.equal(await m.page.getByRole('log').getByText(words, { exact: true }).count(), 1, `the console shows “${words}” once`)
  }
})
