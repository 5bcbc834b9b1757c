// What a quiet demo desk lacks for every screen to have something on it:
// conversations with the bot, waiting, and with a person; a snippet; an API key.
import { people, signIn, visitor, widgetKey } from '../lib/desk.mjs'
import { until } from '../lib/until.mjs'

/** Long names, other scripts, and the usual. */
const askers = [
  ['zh-CN', '顾晚', '我退货以后钱什么时候能到账', '还是没收到，找人工'],
  ['en', 'Ada Whitfield-Montgomery of the Northern Allotments Society', 'How many days until my order arrives?', 'Could I talk to a person, please? My kettle arrived with a dent on its left side and the box was open.'],
  ['zh-CN', '欧阳承志', '今天天气怎么样', '转人工'],
  ['en', 'ليلى حداد', 'I need to talk to a person', 'مرحبا، وصلني المصباح مكسورا'],
  ['zh-CN', '许念', '有没有加湿器推荐 🙂', '人工客服'],
]

export async function furnish(desk, owner) {
  const key = await widgetKey(owner)
  const chen = await signIn(desk, people.chen)
  const ask = async ([locale, name, question, more], n) => {
    const call = await visitor(desk, key, locale)
    const { conversation } = await call.ok('POST', '/conversations', { client_id: `screens-${n}`, body: { type: 'text', text: question }, locale })
    await until(async () => (await owner.get(`/conversations/${conversation.id}`)).last_seq > 2, 'the bot has answered')
    const { customer } = await owner.get(`/conversations/${conversation.id}`)
    const { version } = await owner.get(`/customers/${customer.id}`)
    await owner.ok('PATCH', `/customers/${customer.id}`, { name }, { 'If-Match': `"${version}"` })
    return { call, id: conversation.id, say: (text) => call.ok('POST', `/conversations/${conversation.id}/entries`, { client_id: `more-${n}`, body: { type: 'text', text } }), more }
  }
  const talks = []
  for (const [n, asker] of askers.entries()) talks.push(await ask(asker, n))

  // Two are the owner's, one is a colleague's, the rest stay with the bot.
  const take = async (call, { id }) => {
    const { owner_epoch } = await owner.get(`/conversations/${id}`)
    await call.ok('POST', `/conversations/${id}/take`, { owner_epoch })
  }
  await take(owner, talks[0])
  await take(owner, talks[1])
  await take(chen, talks[3])
  for (const one of [talks[1], talks[3]]) await one.say(one.more)
  await owner.ok('POST', `/conversations/${talks[0].id}/entries`, { client_id: 'note', kind: 'note', body: { type: 'text', text: '已核对物流，仓库 14:20 签收 b***@example.com' } })
  await owner.ok('POST', `/conversations/${talks[0].id}/entries`, { client_id: 'answer', kind: 'message', body: { type: 'text', text: '您好，退款今天 16:00 前原路退回，请留意短信。' } })
  await talks[0].say('好的，谢谢！那我等等看')
  await owner.ok('POST', `/conversations/${talks[0].id}/tags`, { add: ['退款', '金卡客户'], remove: [] })
  return { key, chen, talks, mine: talks[0].id, hers: talks[1].id }
}
