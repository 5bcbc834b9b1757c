// A visitor of the demo shop asks and has the right answer with its source, in
// both languages; what could mean several things is asked back.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { begin, openWidget, tell } from './lib/shop.mjs'
import { until } from './lib/until.mjs'
import { widgetSays } from './lib/words.mjs'

let desk, browser, owner

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.demo(), launch()])
  owner = await signIn(desk, people.owner)
})
after(async () => {
  await browser?.close()
  await desk?.stop()
})

/** Somebody in the demo shop with the widget open. */
async function shopping(locale) {
  const { page } = await person(browser, { locale })
  await page.goto(`${desk.url}/demo/`)
  return openWidget(page)
}

journey('a question in Chinese is answered from the shop’s answers, and the answer is judged', async () => {
  const say = widgetSays('zh-CN')
  const widget = await shopping('zh-CN')
  await begin(widget, '我退货以后钱什么时候能到账')
  await widget.locator('.m.bt', { hasText: '2 个工作日内验货并退款' }).waitFor()
  // An answer is an article's: set, not shown with its marks.
  const answer = widget.locator('.m.bt', { hasText: '2 个工作日内验货并退款' })
  assert.doesNotMatch(await answer.innerText(), /\*\*|\]\(/)
  await answer.locator('a', { hasText: '我的订单' }).waitFor()
  const source = widget.locator('.src', { hasText: '退款多久到账？' })
  await widget.getByRole('button', { name: say('useful'), exact: true }).click()
  const { id } = (await owner.get('/conversations?view=bot')).items[0]
  await until(async () => {
    const { items } = await owner.get(`/conversations/${id}/entries`)
    return items.some((entry) => entry.body.feedback === 'up')
  }, 'the verdict is kept with the answer')

  await source.click()
  await widget.getByRole('heading', { name: '退款多久到账？' }).waitFor()
})

journey('a question in English is answered in English', async () => {
  const widget = await shopping('en-US')
  await begin(widget, 'How many days until my order arrives?')
  await widget.locator('.m.bt', { hasText: 'Orders paid by 16:00' }).waitFor()
  await widget.locator('.src', { hasText: 'How long does delivery take?' }).waitFor()
  assert.equal(await widget.locator('html').getAttribute('lang'), 'en')
})

journey('what could mean several things is asked back, and a choice is an answer', async () => {
  const widget = await shopping('en-US')
  await begin(widget, 'size')
  const choice = widget.getByRole('button', { name: 'How do I find the right size?' })
  await choice.click()
  await widget.locator('.src', { hasText: 'How do I find the right size?' }).waitFor()
  assert.equal(await widget.locator('.pick').first().isDisabled(), true, 'an answered choice cannot be made again')
})

journey('what the bot does not know it does not make up, and offers a person', async () => {
  const say = widgetSays('zh-CN')
  const widget = await shopping('zh-CN')
  await begin(widget, '今天天气怎么样')
  await widget.locator('.m.bt', { hasText: '答不上来' }).waitFor()
  await widget.locator('.pick.hum').waitFor()
  await tell(widget, '明天股票会涨吗')
  await widget.locator('.evt', { hasText: say('event_handed_over') }).waitFor()
})
