import { type Kept, s, thread } from './state'

/** What the other side said since this was last looked at. */
export const fresh = (c: Kept) => thread(c.id).entries.filter((e) => e.seq > c.seen && e.author.kind !== 'customer' && e.kind === 'message')

export const unread = () => s.convs.reduce((n, c) => n + fresh(c).length, 0)
