// The console's screens and their states.
import { people } from '../lib/desk.mjs'
import { shown } from '../lib/screens.mjs'
import { consoleSays } from '../lib/words.mjs'

async function signedIn({ context, page, desk }, who = people.owner) {
  await page.goto(`${desk.url}/sign-in`)
  const cookies = await page.evaluate(async ({ email, password }) => {
    await fetch('/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) })
  }, who)
  return { context, cookies }
}

const at = (path) => async ({ page, desk, ...world }) => {
  await page.goto(desk.url + (typeof path === 'function' ? await path(world) : path))
  await shown(page)
  await page.evaluate(() => document.fonts.ready)
}
const say = ({ variant }) => consoleSays(variant.locale)
const first = async (owner, route, fits = () => true) => (await owner.get(route)).items.find(fits)
const dialog = async ({ page }) => {
  await page.getByRole('dialog').last().waitFor()
  await page.waitForFunction(() => !document.querySelector('.sk, [role=dialog] [aria-busy="true"]'))
}
const menu = async ({ page }, name) => {
  await page.getByRole('button', { name, exact: true }).first().click()
  await page.getByRole('menu').waitFor()
}
/** Goes somewhere, then does more there. */
const then = (path, ...acts) => async (stage) => {
  await at(path)(stage)
  for (const act of acts) await act(stage)
}
const press = (key) => ({ page }) => page.keyboard.press(key)
const click = (key, kind = 'button') => async (stage) => stage.page.getByRole(kind, { name: say(stage)(key) }).first().click()

const inbox = {
  name: 'inbox',
  open: signedIn,
  scenes: {
    mine: at('/inbox/mine'),
    thread: at(({ mine }) => `/inbox/mine/${mine}`),
    side: async (stage) => {
      await at(({ mine }) => `/inbox/mine/${mine}?side=1`)(stage)
    },
    'thread-en': at(({ hers }) => `/inbox/mine/${hers}`),
    'message-menu': then(({ mine }) => `/inbox/mine/${mine}`, async (stage) => {
      const more = stage.page.getByRole('button', { name: say(stage)('thread.message_actions') }).last()
      await more.focus()
      await more.press('Enter')
      await stage.page.getByRole('menu').waitFor()
    }),
    note: then(({ mine }) => `/inbox/mine/${mine}`, press('n')),
    snippets: then(({ mine }) => `/inbox/mine/${mine}`, press('/'), ({ page }) => page.locator('.snips .mi').first().waitFor()),
    emoji: then(({ mine }) => `/inbox/mine/${mine}`, async (stage) => {
      if (stage.phone) return
      await click('thread.emoji')(stage)
      await dialog(stage)
    }),
    'more-menu': then(({ mine }) => `/inbox/mine/${mine}`, (stage) => menu(stage, say(stage)('shell.more'))),
    transfer: then(({ mine }) => `/inbox/mine/${mine}`, press('a'), dialog),
    ticket: then(({ mine }) => `/inbox/mine/${mine}`, press('t'), dialog),
    why: then(({ mine }) => `/inbox/mine/${mine}`, press('y'), dialog),
    bot: at('/inbox/bot'),
    queue: at('/inbox/queue'),
    open: at('/inbox/open'),
    filter: then('/inbox/open', (stage) => menu(stage, say(stage)('inbox.filter'))),
    search: then('/inbox/open', press('f'), ({ page }) => page.keyboard.type('退款'), ({ page }) => page.waitForTimeout(600), shownAgain),
    'search-none': then('/inbox/open', press('f'), ({ page }) => page.keyboard.type('zzzz qqq'), ({ page }) => page.waitForTimeout(600), shownAgain),
    ticketed: at('/inbox/ticketed'),
    resolved: at(async ({ owner }) => `/inbox/resolved/${(await first(owner, '/conversations?view=resolved', (one) => one.locale === 'zh-CN')).id}`),
    'resolved-en': at(async ({ owner }) => `/inbox/resolved/${(await first(owner, '/conversations?view=resolved', (one) => one.locale === 'en')).id}`),
    missing: at('/inbox/open/cnv_0000000000000'),
    palette: then('/inbox/open', press('Control+k'), dialog),
    'palette-find': then('/inbox/open', press('Control+k'), dialog, ({ page }) => page.keyboard.type('退'), ({ page }) => page.waitForTimeout(700)),
    shortcuts: then(({ mine }) => `/inbox/mine/${mine}`, press('?'), dialog),
    presence: then('/inbox/mine', async ({ page }) => {
      await page.locator('.me').click()
      await page.getByRole('menu').waitFor()
    }),
    more: at('/more'),
    'not-found': at('/no-such-page'),
    offline: then(({ mine }) => `/inbox/mine/${mine}`, async ({ page, context }) => {
      await context.setOffline(true)
      await page.locator('.strip').waitFor({ timeout: 20_000 })
    }),
    online: async ({ context }) => void (await context.setOffline(false)),
  },
}
function shownAgain(stage) { return shown(stage.page) }

const work = {
  name: 'work',
  open: signedIn,
  scenes: {
    tickets: at('/tickets'),
    'tickets-mine': at('/tickets?view=mine'),
    'tickets-late': at('/tickets?view=breached'),
    'tickets-resolved': at('/tickets?view=resolved'),
    'tickets-all': at('/tickets?view=all'),
    'ticket-new': then('/tickets', press('c'), dialog),
    'ticket-new-errors': then('/tickets', press('c'), dialog, click('tickets.create')),
    ticket: at(async ({ owner }) => `/tickets/${(await first(owner, '/tickets?view=open')).id}`),
    'ticket-late': at(async ({ owner }) => `/tickets/${(await first(owner, '/tickets?view=breached')).id}`),
    'ticket-side': at(async ({ owner }) => `/tickets/${(await first(owner, '/tickets?view=open')).id}?side=1`),
    'ticket-done': at(async ({ owner }) => `/tickets/${(await first(owner, '/tickets?view=resolved')).id}`),
    'ticket-missing': at('/tickets/tkt_0000000000000'),
    customers: at('/customers'),
    'customers-none': at('/customers?q=zzzz'),
    customer: at(async ({ owner }) => `/customers/${(await first(owner, '/customers', () => true)).id}`),
    'customer-edit': then(async ({ owner }) => `/customers/${(await first(owner, '/customers')).id}`, async (stage) => {
      await stage.page.getByRole('button', { name: say(stage)('shell.edit') }).first().click()
      await dialog(stage)
    }),
    knowledge: at('/knowledge'),
    'knowledge-none': at('/knowledge?q=zzzz'),
    article: at(async ({ owner, variant }) => `/knowledge/${(await first(owner, `/knowledge?locale=${variant?.locale ?? 'en'}`)).id}`),
    'article-new': at('/knowledge/new'),
    import: then('/knowledge', async (stage) => {
      if (stage.phone) return
      await click('knowledge.import')(stage)
      await dialog(stage)
    }),
    try: then('/knowledge', press('t'), dialog, async (stage) => {
      await stage.page.getByRole('dialog').getByRole('textbox').fill(stage.variant.locale === 'en' ? 'refund' : '退款')
      await stage.page.keyboard.press('Enter')
      await stage.page.waitForTimeout(500)
    }),
  },
}

const flow = (key) => async ({ owner }) => `/flows/${(await first(owner, '/flows', (one) => one.key === key)).id}`
/** A small screen shows a flow and does not edit it. */
const wide = (...acts) => async (stage) => {
  if (!stage.phone) for (const act of acts) await act(stage)
}
const step = (key) => ({ page }) => page.locator(`.vue-flow [data-id="${key}"]`).click()
/** The canvas has found its size and the flow has been checked. */
const drawn = async ({ page }) => {
  await page.locator('.vue-flow__node').first().waitFor()
  await page.waitForTimeout(900)
}

const flows = {
  name: 'flows',
  open: signedIn,
  scenes: {
    list: at('/flows'),
    new: then('/flows', wide(press('c'), dialog)),
    canvas: then(flow('change_address'), drawn),
    step: then(flow('change_address'), drawn, wide(step('sure'))),
    call: then(flow('change_address'), drawn, wide(async ({ page }) => page.locator('.vue-flow__node', { has: page.locator('.lucide-plug-zap') }).first().click())),
    problem: then(flow('change_address'), drawn, wide(step('sure'), click('flows.remove'), drawn)),
    add: then(flow('change_address'), drawn, wide((stage) => menu(stage, say(stage)('flows.add_node')))),
    test: then(flow('change_address'), drawn, wide(async (stage) => {
      await stage.page.getByRole('button', { name: say(stage)('flows.test'), exact: true }).click()
      await stage.page.getByPlaceholder(say(stage)('flows.test_hint')).fill(stage.variant.locale === 'en' ? 'I want to change my delivery address' : '我要改收货地址')
      await stage.page.keyboard.press('Enter')
      await stage.page.getByRole('log').locator('.m.b').first().waitFor()
    })),
    versions: then(flow('change_address'), drawn, async (stage) => {
      await stage.page.getByRole('button', { name: say(stage)('flows.versions') }).click()
      await dialog(stage)
      await stage.page.getByRole('dialog').locator('.one').first().waitFor()
    }),
    publish: then(flow('change_address'), drawn, wide(step('sure'), click('flows.duplicate'), drawn)),
    missing: at('/flows/flw_0000000000000'),
  },
}

const settings = {
  name: 'settings',
  open: signedIn,
  scenes: {
    index: at('/settings'),
    ...Object.fromEntries(['general', 'members', 'teams', 'hours', 'widget', 'email', 'sms', 'snippets', 'api-keys', 'audit'].map((one) => [one, at(`/settings/${one}`)])),
    invite: then('/settings/members', click('settings.invite'), dialog),
    member: then('/settings/members', ({ page }) => page.locator('table tr.go, main li a, main li button').first().click(), dialog),
    'new-team': then('/settings/teams', click('settings.new_team'), dialog),
    'new-snippet': then('/settings/snippets', click('settings.new_snippet'), dialog),
    'new-key': then('/settings/api-keys', click('settings.new_key'), dialog),
    'widget-foot': then('/settings/widget', ({ page }) => page.locator('.code').scrollIntoViewIfNeeded()),
    'hours-foot': then('/settings/hours', ({ page }) => page.locator('.scroll').last().evaluate((box) => box.scrollTo(0, box.scrollHeight))),
    profile: at('/profile'),
    'profile-foot': then('/profile', ({ page }) => page.locator('.scroll').last().evaluate((box) => box.scrollTo(0, box.scrollHeight))),
  },
}

/** What a member with less sees. */
const agent = {
  name: 'agent',
  before: async () => undefined,
  open: (stage) => signedIn(stage, stage.variant.locale === 'en' ? people.maya : people.lin),
  scenes: {
    mine: at('/inbox/mine'),
    settings: at('/settings'),
    members: at('/settings/members'),
    refused: at('/settings/api-keys'),
    knowledge: at('/knowledge'),
  },
}

export const consoleParts = [inbox, work, flows, settings, agent]
