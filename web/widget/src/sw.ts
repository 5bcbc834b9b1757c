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
    // The page that registered us came before us, so its shell is fetched again to be kept. Kept
    // shells name parts of their own build: old parts go only when every shell is of this one.
    const shells = await caches.open(SHELLS), open = await sw.clients.matchAll({ includeUncontrolled: true, type: 'window' })
    const names = new Set([...(await shells.keys()).map((r) => r.url), ...open.map((c) => c.url)].map((u) => shell(new URL(u))))
    for (const name of names) {
      if (!name) continue
      const fresh = await fetch(name)
      if (!fresh.ok) return
      await shells.put(name, fresh)
    }
    const parts = await caches.open(PARTS)
    for (const r of await parts.keys()) {
      const path = new URL(r.url).pathname
      if (/assets\/(?!core|more)/.test(path) && !__PARTS__.includes(path)) await parts.delete(r)
    }
  })().catch(() => undefined))
})

/** The name a shell is kept under. The policy on who may embed us comes with it, so it is one per key. */
function shell(url: URL): string | undefined {
  const key = url.searchParams.get('key')
  return SHELL.test(url.pathname) ? url.pathname + (key ? '?key=' + encodeURIComponent(key) : '') : undefined
}

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
    const name = shell(url)
    if (name) e.respondWith(soon(e, SHELLS, name))
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

