/// <reference lib="webworker" />
// Keeps the widget usable without the desk: the shell and its parts, the shop's settings and the
// published answers. What was said is not here but in the page's own storage, keyed by visitor.

declare const __PARTS__: string[]
const sw = self as unknown as ServiceWorkerGlobalScope

const PARTS = 'parts', SHELLS = 'shells', DATA = 'data'
const SHELL = /^\/(w\/|h5|t\/[^/]+)$/
const KEPT = /^\/api\/v1\/client\/(config|help)/
const PATIENCE = 3000

sw.addEventListener('install', (e) => {
  e.waitUntil((async () => {
    const cache = await caches.open(PARTS), have = new Set((await cache.keys()).map((r) => new URL(r.url).pathname))
    await cache.addAll(__PARTS__.filter((p) => !have.has(p)))
    await sw.skipWaiting()
  })())
})

sw.addEventListener('activate', (e) => {
  e.waitUntil((async () => {
    await sw.clients.claim()
    // Kept shells name parts of their own build: old parts go only when every shell is of this one.
    const shells = await caches.open(SHELLS)
    for (const r of await shells.keys()) {
      const fresh = await fetch(r.url)
      if (!fresh.ok) return
      await shells.put(r.url, fresh)
    }
    const parts = await caches.open(PARTS)
    for (const r of await parts.keys()) {
      const path = new URL(r.url).pathname
      if (path.startsWith('/w/assets/') && !__PARTS__.includes(path)) await parts.delete(r)
    }
  })().catch(() => undefined))
})

/** The desk's own word if it comes soon and is not a failure, else what was kept; the answer is kept either way. */
async function soon(e: FetchEvent, name: string, key: string): Promise<Response> {
  const cache = await caches.open(name)
  const net = fetch(e.request).then(async (r) => {
    if (r.ok) await cache.put(key, r.clone())
    return r
  })
  e.waitUntil(net.catch(() => undefined))
  const kept = await cache.match(key)
  if (!kept) return net
  const late = new Promise<Response>((ok) => setTimeout(() => ok(kept), PATIENCE))
  return Promise.race([net.then((r) => (r.status >= 500 ? kept : r), () => kept), late])
}

sw.addEventListener('fetch', (e) => {
  const { request } = e, url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') {
    // The policy on who may embed us comes with the shell, so it is kept per key.
    const named = url.searchParams.get('key')
    if (SHELL.test(url.pathname)) e.respondWith(soon(e, SHELLS, url.pathname + (named ? '?key=' + encodeURIComponent(named) : '')))
  } else if (url.pathname.startsWith('/w/')) {
    if (url.pathname === '/w/sw.js' || url.pathname === '/w/loader.js') return
    e.respondWith((async () => {
      const cache = await caches.open(PARTS), kept = await cache.match(url.pathname)
      if (kept) return kept
      const got = await fetch(request)
      if (got.ok) e.waitUntil(cache.put(url.pathname, got.clone()))
      return got
    })())
  } else if (KEPT.test(url.pathname) && !url.searchParams.has('q')) e.respondWith(soon(e, DATA, url.pathname + url.search))
})

