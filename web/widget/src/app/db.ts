// What the browser keeps: conversations, entries and the outbox, all keyed by visitor. A browser
// that refuses storage still gets a working widget; it forgets on reload.

export type Store = 'convs' | 'entries' | 'outbox' | 'kv'

/** Never throws: what cannot be kept is still shown and sent. */
export interface Place {
  put(store: Store, value: object): Promise<unknown>
  drop(store: Store, key: IDBValidKey | IDBKeyRange): Promise<unknown>
  all<T>(store: Store, range: IDBKeyRange): Promise<T[]>
}

const none = async () => []
export const NOWHERE: Place = { put: none, drop: none, all: none }

const KEYS: Record<Store, string[]> = { convs: ['v', 'id'], entries: ['v', 'conversation_id', 'seq'], outbox: ['v', 'n'], kv: ['v', 'k'] }

export async function place(): Promise<Place> {
  try {
    const db = await new Promise<IDBDatabase>((ok, no) => {
      const r = indexedDB.open('everdesk', 1)
      r.onupgradeneeded = () => { for (const s in KEYS) r.result.createObjectStore(s, { keyPath: KEYS[s as Store] }) }
      r.onsuccess = () => ok(r.result)
      r.onerror = no
    })
    const run = <T>(store: Store, act: (s: IDBObjectStore) => IDBRequest<T>) => new Promise<T | never[]>((ok) => {
      try {
        const tx = db.transaction(store, 'readwrite'), r = act(tx.objectStore(store))
        // Durable means that the transaction, not only the request, has ended.
        tx.oncomplete = () => ok(r.result)
        tx.onabort = () => ok([])
      } catch { ok([]) }
    })
    return { put: (s, v) => run(s, (o) => o.put(v)), drop: (s, k) => run(s, (o) => o.delete(k)), all: <T>(s: Store, k: IDBKeyRange) => run(s, (o) => o.getAll(k) as IDBRequest<T[]>) }
  } catch {
    return NOWHERE
  }
}

/** Every key that begins with these parts. */
export const under = (...parts: string[]) => IDBKeyRange.bound(parts, [...parts, []])
