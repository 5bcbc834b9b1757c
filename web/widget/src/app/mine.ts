import { emit } from './state'

const all = new Map<string, object>()

export type Set<T> = (change: Partial<T>) => void

/**
 * What a view remembers under its key, so that a half-written form is still there after a look
 * elsewhere. `begin` runs once and may start a fetch that calls `set` later; every set draws anew.
 */
export function mine<T extends object>(key: string, first: T, begin?: (set: Set<T>) => void): [T, Set<T>] {
  const set: Set<T> = (change) => { Object.assign(all.get(key) ?? {}, change); emit() }
  if (!all.has(key)) {
    all.set(key, first)
    begin?.(set)
  }
  return [all.get(key) as T, set]
}

/** The next look at any view whose key begins so starts from nothing. */
export function forget(key: string) {
  for (const k of all.keys()) if (k.startsWith(key)) all.delete(k)
}
