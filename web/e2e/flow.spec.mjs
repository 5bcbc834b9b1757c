// Address, parcel and refund in one conversation, in Chinese and in English,
// with the shop's order system well, slow, failing and on its way back. The
// one-time code is read from a real mailbox.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { Postfix } from './lib/postfix.mjs'
import { begin, openWidget, tell } from './lib/shop.mjs'

let desk, browser, owner, postfix, letters = 0

before(async () => {
  postfix = await Postfix.start('su')
  ;[desk, browser] = await Promise.all([Desk.demo({ args: ['--quiet', '--allow-targets', `127.0.0.1:${postfix.port}`] }), launch()])
  owner = await signIn(desk, people.owner)
  const email = await owner('GET', '/channels/email')
  await owner.ok('PUT', '/channels/email', { host: '127.0.0.1', port: postfix.port, security: 'none', username: '', from: 'Skylark <help@skylark.example>' },
    { 'If-Match': email.headers.get('etag') ?? '"0"' })
})
after(async () => {
  await shopIs('healthy').catch(() => undefined)
  await browser?.close()
  await desk?.stop()
  await postfix?.stop()
})

/** Asks the shop's order system how it is, or changes how it is. */
async function office(change) {
  const answer = await fetch(`${desk.url}/demo/backoffice.json`, change && { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change) })
  assert.ok(answer.ok, `the order system answers ${answer.status}`)
  return answer.json()
}

const shopIs = (mode) => office({ mode })

/** An order of a status that no journey has used, with its codes sent to the mailbox. */
const used = new Set()
async function order(status) {
  const found = (await office()).orders.find((one) => one.status === status && one.refunded === 0 && !used.has(one.number))
  assert.ok(found, `there is an order that is ${status}`)
  used.add(found.number)
  await office({ order: found.number, email: 'su@customer.test' })
  return found.number
}

/** The code in the newest letter. */
async function code() {
  const all = await postfix.mail('su', ++letters)
  const found = all.map((one) => /\b\d{6}\b/.exec(one.text)?.[0])
  return found.find((one, i) => i === all.length - 1 && one) ?? assert.fail('the letter has a code')
}

/** Somebody in the demo shop with the widget open. */
async function shopping(locale) {
  const { page } = await person(browser, { locale })
  await page.goto(`${desk.url}/demo/`)
  return openWidget(page)
}

/** Waits until the bot has said something. */
const hears = (widget, words) => widget.locator('.m.bt', { hasText: words }).last().waitFor({ timeout: 30_000 })

journey('address, parcel, a correction and a refund in one conversation, in Chinese', async () => {
  await shopIs('healthy')
  const number = await order('paid')
  const widget = await shopping('zh-CN')
  await begin(widget, `我要改收货地址，订单 ${number}`)
  await hears(widget, '6 位验证码')
  await tell(widget, '000000')
  await hears(widget, '验证码不正确')
  await tell(widget, await code())
  await hears(widget, '新的收货地址')
  await tell(widget, '我的包裹到哪了')
  await hears(widget, '还没有发出')
  await hears(widget, '回到“修改收货地址”')
  await tell(widget, '杭州市西湖区文三路90号2栋301')
  await hears(widget, '2栋301')
  await tell(widget, '写错了，是8栋')
  await hears(widget, '8栋301')
  await widget.getByRole('button', { name: '是', exact: true }).last().click()
  await hears(widget, '会寄到新地址')
  await tell(widget, '我要退款')
  await hears(widget, '退款原因')
  await widget.getByRole('button', { name: '不想要了', exact: true }).last().click()
  await hears(widget, '确认吗')
  await widget.getByRole('button', { name: '是', exact: true }).last().click()
  await hears(widget, '已提交')
  const now = (await office()).orders.find((one) => one.number === number)
  assert.equal(now.status, 'refunded')
  assert.match(now.address, /8栋301/)
})

journey('the same in English, with the order system slow', async () => {
  await shopIs('healthy')
  const number = await order('packed')
  const widget = await shopping('en-US')
  await begin(widget, `I want to change the delivery address of order ${number}`)
  await hears(widget, '6-digit code')
  const sent = await code()
  await shopIs('slow')
  await tell(widget, sent)
  await hears(widget, 'taking a little longer')
  await hears(widget, 'What is the new address')
  await tell(widget, 'Where is my parcel?')
  await hears(widget, 'has not been shipped yet')
  await tell(widget, '12 High Street, London SW1A 1AA')
  await hears(widget, 'Is that right?')
  await tell(widget, 'sorry, I meant 14 High Street, London SW1A 1AA')
  await hears(widget, '14 High Street')
  await widget.getByRole('button', { name: 'Yes', exact: true }).last().click()
  await hears(widget, 'goes to the new address')
  await shopIs('healthy')
  await tell(widget, 'I want a refund')
  await hears(widget, 'What is the reason?')
  await tell(widget, 'Too late')
  await hears(widget, 'Confirm?')
  await tell(widget, 'no')
  await hears(widget, 'nothing was refunded')
  assert.equal((await office()).orders.find((one) => one.number === number).refunded, 0)
})

journey('the order system fails: a ticket with a number, and no silence', async () => {
  await shopIs('healthy')
  const number = await order('delivered')
  const widget = await shopping('en-US')
  await begin(widget, `I want a refund for order ${number}`)
  await hears(widget, '6-digit code')
  const sent = await code()
  await shopIs('failing')
  await tell(widget, sent)
  await widget.getByText(/I opened ticket #\d+/).first().waitFor({ timeout: 30_000 })
  await shopIs('healthy')
})

journey('the order system recovers: every other request fails, and the refund is made once', async () => {
  await shopIs('healthy')
  const number = await order('delivered')
  const before = (await office()).refunds
  const widget = await shopping('zh-CN')
  await begin(widget, `我要退款，订单 ${number}`)
  await hears(widget, '6 位验证码')
  const sent = await code()
  await shopIs('recovering')
  await tell(widget, sent)
  await hears(widget, '退款原因')
  await tell(widget, '太慢了')
  await hears(widget, '确认吗')
  await tell(widget, '确认')
  await hears(widget, '已提交')
  await shopIs('healthy')
  assert.equal((await office()).refunds, before + 1)
})
