// Nobody is there: the visitor is told so, leaves an address, and has a number
// and a promised time; the answer reaches them by real mail, and the letter's
// link leads back.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { atWork, journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { Postfix } from './lib/postfix.mjs'
import { begin, openWidget, Shop, tell } from './lib/shop.mjs'
import { until } from './lib/until.mjs'
import { consoleSays, widgetSays } from './lib/words.mjs'

let desk, browser, owner, maya, shop, postfix

before(async () => {
  postfix = await Postfix.start('bo')
  ;[desk, browser] = await Promise.all([Desk.fresh({ args: ['--allow-targets', `127.0.0.1:${postfix.port}`] }), launch()])
  ;[owner, maya] = await Promise.all([people.owner, people.maya].map((who) => signIn(desk, who)))
  const email = await owner('GET', '/channels/email')
  await owner.ok('PUT', '/channels/email', { host: '127.0.0.1', port: postfix.port, security: 'none', username: '', from: 'Skylark <help@skylark.example>' },
    { 'If-Match': email.headers.get('etag') ?? '"0"' })
  shop = await Shop.open(desk, owner)
})
after(async () => {
  await browser?.close()
  await shop?.close()
  await desk?.stop()
  await postfix?.stop()
})

journey('everybody is away: a ticket, a letter, and an answer by mail that leads back', async () => {
  const agent = consoleSays('en')
  const shopper = widgetSays('en')
  const visit = await person(browser, { locale: 'en-GB' })
  await visit.page.goto(`${shop.url}/?lang=en`)
  const widget = await openWidget(visit.page)
  await begin(widget, 'My kettle leaks, I need to talk to a person')

  // Told, with a number and a time.
  await widget.getByRole('heading', { name: shopper('ticketed') }).waitFor()
  await widget.locator('input[type=email]').fill('bo@customer.test')
  await widget.getByRole('button', { name: shopper('contact_go') }).click()
  const ticket = await until(async () => (await owner.get('/tickets?view=open')).items[0], 'there is a ticket')
  assert.ok(Date.parse(ticket.promised_at) > Date.now(), 'with a promised time')
  await widget.getByText(`#${ticket.number}`).first().waitFor()
  const [confirmation] = await postfix.mail('bo', 1)
  assert.match(confirmation.text, new RegExp(`#?${ticket.number}`), 'the letter names the ticket')
  assert.match(confirmation.text, /\/t\/\S+/, 'and has a link')

  // They leave; an agent comes back and answers from the ticket.
  await visit.context.close()
  const m = await atWork(browser, desk, people.maya, { call: maya })
  await m.page.goto(`${desk.url}/tickets/${ticket.id}`)
  await m.page.getByRole('log').getByText('My kettle leaks, I need to talk to a person').first().waitFor()
  await m.page.getByRole('textbox', { name: agent('thread.reply') }).fill('A new seal is on its way to you')
  await m.page.getByRole('button', { name: agent('thread.send'), exact: true }).click()
  const letters = await postfix.mail('bo', 2)
  const answer = letters.find((one) => one.text.includes('A new seal is on its way to you'))
  assert.ok(answer, 'the answer is in a letter')

  // The letter's link opens the ticket in another browser, and they write back.
  const link = /https?:\/\/\S*\/t\/[A-Za-z0-9_.-]+/.exec(answer.text)[0]
  const elsewhere = await person(browser, { locale: 'en-GB', width: 390, height: 800 })
  await elsewhere.page.goto(link)
  await elsewhere.page.getByText('A new seal is on its way to you').first().waitFor()
  await tell(elsewhere.page, 'Thank you, which size is it?')
  await m.page.getByRole('log').getByText('Thank you, which size is it?').waitFor()
})
