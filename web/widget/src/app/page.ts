import { kept, start } from '../main'
import { refresh } from './line'
import { desk } from './sync'
import { pop, s } from './state'
import type { Refused } from './wire'

interface Followed { token: string; ticket_id: string; conversation_id: string; key?: string }

/** The widget as a page of its own: the session lives in this browser, the way back is the browser's. */
export function alone() {
  const link = /^\/t\/([^/]+)/.exec(location.pathname)?.[1]
  const key = new URLSearchParams(location.search).get('key') ?? kept('key') ?? ''
  // What is kept for a link to a ticket stands apart from what is kept for the shop's key.
  const slot = link ? 't:' + link : key
  if (!link) {
    s.key = key
    localStorage.setItem('everdesk:key', key)
  }
  s.host = {
    embedded: false,
    save: (x) => localStorage.setItem('everdesk:' + slot, JSON.stringify(x)),
    close: () => undefined,
    unread: (n) => { document.title = (n ? `(${n}) ` : '') + (s.config.name || 'Everdesk') },
    deeper: () => history.pushState(1, ''),
    back: () => history.back(),
  }
  addEventListener('popstate', pop)
  void start({ t: 'start', session: kept(slot), page: document.referrer || undefined, open: true }, link ? () => follow(link) : undefined)
}

/** Turns a signed link into a visit and opens its ticket. A link followed before still opens offline. */
async function follow(token: string) {
  try {
    const got = await desk<Followed>('/links', { body: { token }, token: undefined })
    Object.assign(s.session, { token: got.token, conv: got.conversation_id, key: got.key })
    s.host.save(s.session)
  } catch (e) {
    if (!(e as Refused).passing) s.session.conv = undefined
  }
  s.key = s.session.key ?? ''
  await refresh().catch(() => 0)
  s.stack = s.session.conv ? [{ name: 'chat', conv: s.session.conv, k: 0 }] : [{ name: 'lost' }]
}
