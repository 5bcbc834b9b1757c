// Doors and documents: what people see before they are signed in.
import { Desk } from '../lib/desk.mjs'
import { shown } from '../lib/screens.mjs'
import { consoleSays } from '../lib/words.mjs'

const at = (path) => async ({ page, desk, ...world }) => {
  await page.goto(desk.url + (typeof path === 'function' ? await path(world) : path))
  await shown(page)
  await page.evaluate(() => document.fonts.ready)
}
const say = ({ variant }) => consoleSays(variant.locale)

const doors = {
  name: 'doors',
  before: async (world) => {
    world.invitations ??= []
    const made = await world.owner.ok('POST', '/invitations', { email: `new-${world.invitations.length}@skylark.example`, role: 'agent' })
    world.invitations.push(made)
    world.invitation = made.url.replace(/^https?:..[^/]*/, "")
    world.reset ??= (await world.owner.ok('POST', `/staff/${world.chen.me.id}/password-link`, {})).url.replace(/^https?:..[^/]*/, "")
    world.empty ??= await Desk.demo({ command: 'serve' }).catch(() => undefined)
  },
  scenes: {
    'sign-in': at('/sign-in'),
    'sign-in-refused': async (stage) => {
      await at('/sign-in')(stage)
      const { page } = stage
      await page.getByLabel(say(stage)('account.email')).fill('nobody@skylark.example')
      await page.getByLabel(say(stage)('account.password'), { exact: true }).fill('not the password')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
    },
    'sign-in-empty': async (stage) => {
      await at('/sign-in')(stage)
      await stage.page.getByRole('button', { name: say(stage)('account.sign_in'), exact: true }).click()
      await stage.page.getByRole('alert').first().waitFor()
    },
    forgot: at('/forgot'),
    'forgot-sent': async (stage) => {
      await at('/forgot')(stage)
      await stage.page.getByRole('textbox').fill('lin@skylark.example')
      await stage.page.keyboard.press('Enter')
      await stage.page.getByText('lin@skylark.example').waitFor()
    },
    reset: at(({ reset }) => reset),
    'reset-bad': async (stage) => {
      await at('/reset/no-such-token')(stage)
      for (const box of await stage.page.locator('input').all()) await box.fill('a sentence to remember')
      await stage.page.keyboard.press('Enter')
      await stage.page.waitForTimeout(500)
    },
    invitation: at(({ invitation }) => invitation),
    'invitation-bad': at('/invitation/no-such-token'),
    setup: at('/setup'),
    'setup-link': async (stage) => {
      if (!stage.empty) return
      await stage.page.goto(/https?:\/\/\S*\/setup\/\S+/.exec(stage.empty.output)?.[0] ?? `${stage.empty.url}/setup/none`)
      await shown(stage.page)
    },
    unreachable: at('/unreachable'),
    docs: at('/docs'),
    'docs-deep': async (stage) => {
      await at('/docs')(stage)
      await stage.page.evaluate(() => scrollTo(0, 2400))
    },
  },
}
export const leave = (world) => world.empty?.stop()
export const doorParts = [doors]
