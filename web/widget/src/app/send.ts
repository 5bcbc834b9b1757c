import type { Body, Conversation, Entry, Refused } from './wire'
import { locale } from './i18n'
import type { Op, Outcome } from './outbox'
import { emit, s } from './state'
import { desk, join, line } from './sync'

/** Carries one thing from the outbox to the desk. */
export async function send(op: Op): Promise<Outcome> {
  try {
    await join()
    if (op.blob) {
      const { upload } = await line()
      const file = await upload(op.blob, op.name!, s.session.token!, (part) => { s.progress.set(op.n, part); emit() })
      await s.box.set(op.n, { body: { ...op.body, file } as Body, blob: undefined })
    }
    return { moved: await carry(op) }
  } catch (x) {
    const e = x as Refused
    // Without `told` it was our own code that could not be fetched: that is the network, too.
    if (!e.told || e.passing || e.status === 401) return { again: e.after ?? 0 }
    if (e.status === 404 && op.kind === 'message' && !isNew(op.conv)) {
      await (await line()).astray(op)
      return { again: 1 }
    }
    return { failed: e.message || e.told.code || '' + e.status }
  }
}

async function carry({ client_id, kind, extra, body, conv }: Op): Promise<string | undefined> {
  const begin = isNew(conv), post = <T>(path: string, body: object) => desk<T>('/conversations' + path, { body, key: client_id })
  if (kind !== 'message') {
    const got = await post<Conversation | undefined>(`/${conv}/${kind}`, extra ?? {})
    if (got?.owner) (await line()).learn(got)
  } else if (begin) {
    const { conversation, entry } = await post<{ conversation: Conversation; entry: Entry }>('', { client_id, body, locale, page_url: s.page, ...extra })
    ;(await line()).settle(conversation.id, entry, conversation, conv)
    return conversation.id
  } else {
    const got = await post<Entry & { entry?: Entry }>(`/${conv}/entries`, { client_id, body })
    ;(await line()).settle(conv, got.entry ?? got)
  }
}

const isNew = (conv: string) => conv.startsWith('new:')

export function write(conv: string, body: Body, more?: Partial<Op>) {
  return s.box.add({ conv, kind: 'message', body, extra: s.form && { pre_chat: s.form }, ...more })
}

export const say = (conv: string, text: string) => write(conv, { type: 'text', text })

/** A person, please. Said in words first when the desk has heard nothing yet. */
export async function person(conv: string, words: string) {
  if (isNew(conv)) await say(conv, words)
  await s.box.add({ conv, kind: 'handover' })
}
