import type { Entry } from './wire'

/** The entries of one conversation; everything up to and including `have` has been seen. */
export interface Thread { entries: Entry[]; have: number }

/**
 * Folds entries into a thread in any order and any number of times. An edit or a recall changes its
 * target and is not shown itself. `upTo` is what the desk says lies behind us: internal notes are
 * never sent here, so holes in the numbers are normal and only the desk knows that one is closed.
 */
export function fold(t: Thread, fresh: Entry[], upTo = 0): Thread {
  const bySeq = new Map(t.entries.map((e) => [e.seq, e]))
  let have = t.have
  for (const e of [...fresh].sort((a, b) => a.seq - b.seq)) {
    if (e.seq === have + 1) have = e.seq
    if (e.kind === 'edit' || e.kind === 'recall') {
      const old = bySeq.get(e.target ?? 0)
      if (old) bySeq.set(old.seq, e.kind === 'edit' ? { ...old, body: e.body, edited_at: e.created_at } : { ...old, body: { type: 'recalled' }, recalled_at: e.created_at })
    } else if (e.kind !== 'note') bySeq.set(e.seq, { ...bySeq.get(e.seq), ...e })
  }
  return { entries: [...bySeq.values()].sort((a, b) => a.seq - b.seq), have: Math.max(have, upTo) }
}
