// A morning's triage with the keyboard alone: sign in, pick, take, answer,
// note, pass on, resolve, find, and look the keys up.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { journey, launch, person } from './lib/browser.mjs'
import { Desk, people, signIn, visitor, widgetKey } from './lib/desk.mjs'
import { until } from './lib/until.mjs'
import { consoleSays } from './lib/words.mjs'

const say = consoleSays('en')
let desk, browser, owner, maya, team, first, second

before(async () => {
  ;[desk, browser] = await Promise.all([Desk.fresh(), launch()])
  ;[owner, maya] = await Promise.all([people.owner, people.maya].map((who) => signIn(desk, who)))
  const key = await widgetKey(owner)
  ;[team] = (await owner.get('/teams')).items
  await maya.ok('PUT', '/me/presence', { state: 'busy' })
  ;[first, second] = [await ask(key, 'My kettle leaks'), await ask(key, 'Where is my lamp?')]
})
after(async () => {
  await browser?.close()
  await desk?.stop()
})

async function ask(key, words) {
  const shopper = await visitor(desk, key, 'en')
  const { conversation } = await shopper.ok('POST', '/conversations', { client_id: 'first', body: { type: 'text', text: words }, locale: 'en' })
  return conversation.id
}
const now = (id) => owner.get(`/conversations/${id}`)

journey('triage without a mouse', async () => {
  const { page } = await person(browser, { locale: 'en-US' })
  const { keyboard } = page
  const opened = (id) => page.waitForURL(`**/inbox/open/${id}*`)

  // The door.
  await page.goto(`${desk.url}/`)
  await page.getByRole('heading', { name: consoleSays('en')('account.sign_in_title') }).waitFor()
  await keyboard.type(people.maya.email)
  await keyboard.press('Tab')
  const field = () => page.evaluate(() => document.activeElement?.getAttribute('autocomplete'))
  for (let i = 0; i < 3 && (await field()) !== 'current-password'; i++) await keyboard.press('Tab')
  await keyboard.type(people.maya.password)
  await keyboard.press('Enter')
  await page.waitForURL('**/inbox/mine')
  await page.getByText(say('inbox.empty.mine')).waitFor()

  // The palette goes anywhere.
  await keyboard.press('Control+k')
  await page.getByRole('dialog').waitFor()
  await keyboard.type(say('shell.view.open'))
  await keyboard.press('Enter')
  await page.waitForURL('**/inbox/open')
  await page.locator(`#row-${first}`).waitFor()
  await page.locator(`#row-${second}`).waitFor()

  // J and K move; the newest stands first.
  await keyboard.press('j')
  await opened(second)
  await keyboard.press('j')
  await opened(first)
  await keyboard.press('k')
  await opened(second)
  await page.getByRole('log').locator('.m', { hasText: 'Where is my lamp?' }).first().waitFor()

  // Take, answer, note.
  await keyboard.press('s')
  await until(async () => (await now(second)).owner.staff?.id === maya.me.id, 'Maya has it')
  await page.locator('header').getByRole('button', { name: say('inbox.resolve') }).waitFor()
  // What she carries stands beside her name at once.
  await page.locator('.me', { hasText: '1/4' }).waitFor({ timeout: 3000 })
  await keyboard.press('r')
  await page.getByRole('textbox', { name: say('thread.reply') }).waitFor()
  await keyboard.type('It leaves today')
  await keyboard.press('Control+Enter')
  await page.getByRole('log').getByText('It leaves today').waitFor()
  await keyboard.press('Escape')
  await keyboard.press('n')
  await keyboard.type('Checked with the warehouse')
  await keyboard.press('Control+Enter')
  await page.getByRole('log').locator('.note', { hasText: 'Checked with the warehouse' }).waitFor()
  await keyboard.press('Escape')

  // Enter sends as well, and does not while an input method composes.
  await keyboard.press('r')
  const box = page.getByRole('textbox', { name: say('thread.reply') })
  await keyboard.type('ni')
  await box.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true })
  assert.equal(await box.inputValue(), 'ni')
  await box.fill('')
  await keyboard.press('Escape')

  // Pass the other one on, with a note.
  await keyboard.press('j')
  await opened(first)
  await keyboard.press('a')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await keyboard.type(team.name)
  await keyboard.press('ArrowDown')
  await dialog.getByRole('option', { name: team.name, selected: true }).waitFor()
  await keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await until(async () => (await now(first)).owner.kind === 'queue', 'it waits for the team')

  // Done.
  await keyboard.press('k')
  await opened(second)
  await page.getByRole('log').getByText('It leaves today').waitFor()
  await keyboard.press('e')
  await until(async () => (await now(second)).state === 'resolved', 'it is resolved')

  // Every key is listed.
  await keyboard.press('?')
  const sheet = page.getByRole('dialog')
  await sheet.getByText(say('inbox.resolve'), { exact: true }).waitFor()
  await keyboard.press('Escape')
  await sheet.waitFor({ state: 'hidden' })
})
