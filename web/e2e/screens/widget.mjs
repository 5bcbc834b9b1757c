// The widget in the shop's page, and as a page of its own.
import { atWork } from '../lib/browser.mjs'
import { people, signIn, visitor } from '../lib/desk.mjs'
import { begin, openWidget, tell } from '../lib/shop.mjs'
import { until } from '../lib/until.mjs'
import { widgetSays } from '../lib/words.mjs'

const say = ({ variant }) => widgetSays(variant.locale)
const settled = (frame) => frame.waitForFunction(() => !document.querySelector('.sk'))
const words = {
  'zh-CN': { known: '我退货以后钱什么时候能到账', unsure: '优惠券', unknown: '今天天气怎么样', person: '我要找人工客服' },
  en: { known: 'How many days until my order arrives?', unsure: 'size', unknown: 'What is the weather like?', person: 'Can I talk to a person?' },
}

async function opened(stage) {
  await stage.page.goto(`${stage.desk.url}/demo/`)
  stage.widget = await openWidget(stage.page)
  await stage.widget.locator('.home').waitFor()
  await settled(stage.widget)
}
const tab = (name) => async (stage) => {
  await stage.widget.getByRole('navigation').getByRole('button', { name: say(stage)(name) }).click()
  await settled(stage.widget)
  return stage.widget
}
const head = (stage, key) => stage.widget.locator('.w-h').getByRole('button', { name: say(stage)(key) }).first()
const fresh = async (stage) => {
  await stage.page.evaluate(() => localStorage.clear())
  await opened(stage)
}

/** Nobody is at work. */
const alone = {
  name: 'widget',
  open: opened,
  scenes: {
    home: (stage) => stage.widget,
    'no-messages': tab('tab_messages'),
    'no-tickets': tab('tab_tickets'),
    help: tab('tab_help'),
    'help-search': async (stage) => {
      await stage.widget.getByRole('searchbox').or(stage.widget.locator('input')).first().fill(words[stage.variant.locale].unsure)
      await stage.page.waitForTimeout(800)
      await settled(stage.widget)
      return stage.widget
    },
    'help-none': async (stage) => {
      await stage.widget.getByRole('searchbox').or(stage.widget.locator('input')).first().fill('zzzz')
      await stage.page.waitForTimeout(800)
      return stage.widget
    },
    empty: async (stage) => {
      await tab('tab_home')(stage)
      await stage.widget.locator('.home .btn.pri').click()
      await stage.widget.locator('.box textarea').waitFor()
      return stage.widget
    },
    answer: async (stage) => {
      await tell(stage.widget, words[stage.variant.locale].known)
      await stage.widget.locator('.src').waitFor()
      return stage.widget
    },
    article: async (stage) => {
      await stage.widget.locator('.src').first().click()
      await stage.widget.getByRole('heading', { level: 1 }).waitFor()
      await settled(stage.widget)
      return stage.widget
    },
    choices: async (stage) => {
      await stage.widget.locator('.w-h .ib').first().click()
      await tell(stage.widget, words[stage.variant.locale].unsure)
      await stage.widget.locator('.pick').first().waitFor()
      return stage.widget
    },
    emoji: async (stage) => {
      await stage.widget.getByRole('button', { name: say(stage)('emoji') }).click()
      await stage.page.waitForTimeout(300)
      return stage.widget
    },
    miss: async (stage) => {
      await tell(stage.widget, words[stage.variant.locale].unknown)
      await stage.widget.locator('.pick.hum').last().waitFor()
      return stage.widget
    },
    offline: async (stage) => {
      await stage.context.setOffline(true)
      await stage.widget.locator('.box textarea').fill(words[stage.variant.locale].known)
      await stage.widget.locator('.box textarea').press('Enter')
      await stage.widget.locator('.m.queued').waitFor({ timeout: 20_000 })
      await stage.page.waitForTimeout(1500)
      return stage.widget
    },
    nobody: async (stage) => {
      await stage.context.setOffline(false)
      await stage.widget.locator('.m.queued').waitFor({ state: 'detached', timeout: 30_000 })
      const email = stage.widget.locator('input[type=email]')
      await head(stage, 'person').or(email).first().waitFor()
      if (!await email.isVisible()) await head(stage, 'person').click()
      await email.waitFor()
      return stage.widget
    },
    'nobody-error': async (stage) => {
      await stage.widget.locator('input[type=email]').fill('bo')
      await stage.widget.getByRole('button', { name: say(stage)('contact_go') }).click()
      return stage.widget
    },
    promised: async (stage) => {
      await stage.widget.locator('input[type=email]').fill('bo@example.com')
      await stage.widget.getByRole('button', { name: say(stage)('contact_go') }).click()
      await stage.page.waitForTimeout(1500)
      return stage.widget
    },
    messages: async (stage) => {
      await stage.widget.locator('.w-h .ib').first().click()
      return tab('tab_messages')(stage)
    },
    tickets: tab('tab_tickets'),
    'leave-message': async (stage) => {
      await stage.widget.getByRole('button', { name: say(stage)('leave_message') }).click()
      await stage.widget.locator('form').waitFor()
      return stage.widget
    },
    'home-again': async (stage) => {
      await stage.page.reload()
      stage.widget = await openWidget(stage.page)
      await stage.widget.locator('.home').waitFor()
      await settled(stage.widget)
      return stage.widget
    },
  },
}

/** Questions before the chat. */
const asked = {
  name: 'prechat',
  before: async ({ owner }) => change(owner, { pre_chat: { enabled: true, fields: ['name', 'email', 'topic'] } }),
  open: opened,
  scenes: {
    form: async (stage) => {
      await stage.widget.locator('.home .btn.pri').click()
      await stage.widget.locator('form').waitFor()
      return stage.widget
    },
    errors: async (stage) => {
      await stage.widget.locator('input[type=email]').fill('nonsense')
      await stage.widget.locator('form button[type=submit], form .btn.pri').first().click()
      return stage.widget
    },
  },
}

async function change(owner, to) {
  const { key: _key, version, ...now } = await owner.get('/channels/widget')
  await owner.ok('PUT', '/channels/widget', { ...now, ...to }, { 'If-Match': `"${version}"` })
}

/** How many chats Lin takes at once. */
async function carry({ owner, lin }, chat) {
  const { capacity, version } = await owner.get(`/staff/${lin.me.id}`)
  await owner.ok('PATCH', `/staff/${lin.me.id}`, { capacity: { ...capacity, chat } }, { 'If-Match': `"${version}"` })
}

/** Somebody is at work and answers. */
const served = {
  name: 'served',
  alone: true,
  before: async ({ owner }) => change(owner, { pre_chat: { enabled: false, fields: [] } }),
  open: async (stage) => {
    stage.lin = await signIn(stage.desk, people.lin)
    await stage.lin.ok('PUT', '/me/presence', { state: 'online' })
    stage.work = await atWork(stage.browser, stage.desk, people.lin, { call: stage.lin })
    await opened(stage)
  },
  close: async (stage) => {
    for (const one of (await stage.lin?.get('/conversations?view=mine'))?.items ?? []) await stage.lin.ok('POST', `/conversations/${one.id}/resolve`, { seen_seq: one.last_seq })
    await carry(stage, 6)
    await stage.lin?.ok('PUT', '/me/presence', { state: 'offline' })
    await stage.work?.context.close()
  },
  scenes: {
    joined: async (stage) => {
      await begin(stage.widget, words[stage.variant.locale].person)
      await stage.widget.locator('.w-h h1', { hasText: '林晓' }).waitFor({ timeout: 20_000 })
      return stage.widget
    },
    talk: async (stage) => {
      stage.mine = await until(async () => (await stage.lin.get('/conversations?view=mine')).items[0]?.id, 'Lin has it')
      const post = (body) => stage.lin.ok('POST', `/conversations/${stage.mine}/entries`, { client_id: `${Math.random()}`, kind: 'message', body })
      await post({ type: 'text', text: stage.variant.locale === 'en' ? 'Hello, this is Lin. Which order is it about?\nhttps://shop.example/orders/ED20261118' : '您好，我是林晓，请问是哪个订单？\nhttps://shop.example/orders/ED20261118' })
      await post({ type: 'card', title: stage.variant.locale === 'en' ? 'Lark kettle, 1.2 l' : '云雀电热水壶 1.2 升', text: '¥ 239', buttons: [{ label: stage.variant.locale === 'en' ? 'See it' : '查看', action: 'link', value: 'https://shop.example/p/1' }] })
      await stage.widget.locator('.m.hu').last().waitFor()
      await tell(stage.widget, 'ED20261118-0042')
      return stage.widget
    },
    rate: async (stage) => {
      const { last_seq } = await stage.lin.get(`/conversations/${stage.mine}`)
      await stage.lin.ok('POST', `/conversations/${stage.mine}/resolve`, { seen_seq: last_seq })
      await stage.widget.getByText(say(stage)('rate_title')).last().waitFor()
      return stage.widget
    },
    'rate-low': async (stage) => {
      await stage.widget.locator('.rate label').nth(1).click()
      return stage.widget
    },
    rated: async (stage) => {
      await stage.widget.getByRole('button', { name: say(stage)('why_wait') }).click()
      await stage.widget.getByRole('button', { name: say(stage)('submit') }).click()
      await stage.widget.getByText(say(stage)('rating_thanks')).waitFor()
      return stage.widget
    },
    queue: async (stage) => {
      // There is one to wait for, and they have all they can carry.
      await carry(stage, 1)
      const other = await visitor(stage.desk, stage.key)
      await other.ok('POST', '/conversations', { client_id: 'full', body: { type: 'text', text: words['zh-CN'].person }, locale: 'zh-CN' })
      await until(async () => (await stage.lin.get('/conversations?view=mine')).items.length > 0, 'Lin has somebody')
      await fresh(stage)
      await begin(stage.widget, words[stage.variant.locale].person)
      await stage.widget.getByText(say(stage)('your_place')).waitFor({ timeout: 20_000 })
      return stage.widget
    },
    'queue-leave': async (stage) => {
      await stage.widget.getByText(say(stage)('way_leave'), { exact: true }).click()
      await stage.widget.locator('input').first().waitFor()
      return stage.widget
    },
  },
}

/** The page of its own, and a link that leads nowhere. */
const page = {
  name: 'h5',
  scenes: {
    home: async (stage) => {
      await stage.page.goto(`${stage.desk.url}/h5?key=${stage.key}`)
      await stage.page.locator('.home').waitFor()
      await settled(stage.page)
    },
    answer: async (stage) => {
      await begin(stage.page.mainFrame(), words[stage.variant.locale].known)
      await stage.page.locator('.src').waitFor()
    },
    'link-lost': async (stage) => {
      await stage.page.goto(`${stage.desk.url}/t/no-such-token`)
      await stage.page.getByRole('heading').first().waitFor()
      await stage.page.waitForTimeout(500)
    },
  },
}
export const widgetParts = [alone, asked, served, page]
