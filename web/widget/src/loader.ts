// The one line a shop embeds. It draws the launcher in a shadow root, keeps the visitor's session in
// the shop's own storage, and opens the desk's window in a frame. No cookie, no worker, no global but
// `Everdesk`.

import type { FromHost } from './app/host'
import type { Config } from './app/wire'

interface Api { (what: 'identify', jwt: string): void; (what: 'open' | 'close' | 'reset'): void; q?: IArguments[] }
declare global { interface Window { Everdesk?: Api } }

const script = document.currentScript as HTMLScriptElement
const data = script.dataset
const key = encodeURIComponent(data.key!), desk = new URL(script.src).origin
const lang = data.locale || document.documentElement.lang
const zh = /^zh/i.test(lang || navigator.language)
const label = zh ? '在线客服' : 'Chat with us'

/** Reads, or with a value writes; a page without storage has nothing to read. */
const store = (name: string, value?: string): string => {
  const slot = 'everdesk:' + name
  try {
    if (value === undefined) return localStorage.getItem(slot) ?? ''
    localStorage.setItem(slot, value)
  } catch { /* it forgets */ }
  return ''
}

const host = document.createElement('div'), root = host.attachShadow({ mode: 'open' }), sheet = new CSSStyleSheet()
sheet.replaceSync(`:host{all:initial}[hidden]{display:none!important}
button{all:unset;cursor:pointer;box-sizing:border-box}
div,.b{position:fixed;z-index:2147483647;bottom:24px;right:var(--r,24px);left:var(--l,auto);font:600 14px system-ui;box-shadow:0 8px 24px #0003}
.b{height:48px;padding:0 18px;border-radius:24px;display:flex;align-items:center;gap:8px;background:var(--c,#18201e);color:var(--o,#fbfcfb)}
:focus-visible{outline:2px solid;outline-offset:3px}
i{position:absolute;top:-4px;right:0;border-radius:9px;padding:0 6px;background:#c53133;color:#fff;font:11px/18px system-ui}
div{width:400px;height:min(640px,calc(100dvh - 48px));border-radius:16px;overflow:hidden;color-scheme:light dark;background:Canvas;color:CanvasText;display:grid;place-items:center}
div button,iframe{position:absolute;top:0;right:0}div button{padding:16px}iframe{width:100%;height:100%;border:0;opacity:0}
@media(max-width:479px){div{inset:0;width:auto;height:100dvh;border-radius:0}iframe{top:env(safe-area-inset-top);height:calc(100% - env(safe-area-inset-top))}.b{bottom:calc(16px + env(safe-area-inset-bottom))}}`)
root.adoptedStyleSheets = [sheet]
root.innerHTML = `<button class="b" aria-haspopup="dialog"><svg width="19" height="19" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true"><path d="M4 16.5A9 9 0 1 1 7.5 20L3 21z"/></svg>${label}<i hidden></i></button><div role="dialog" aria-label="${label}" hidden><p role="status"></p><button aria-label="${zh ? '收起' : 'Close'}">✕</button></div>`
const [button, panel] = root.children as unknown as [HTMLElement, HTMLElement]
const [note, close] = panel.children as unknown as [HTMLElement, HTMLElement]
const badge = button.lastChild as HTMLElement

let frame: HTMLIFrameElement | undefined, ready = false, open = false, jwt: string | undefined

const tell = (m: FromHost) => { if (ready) frame!.contentWindow!.postMessage(m, desk) }

function load() {
  if (frame) return
  frame = document.createElement('iframe')
  frame.title = label
  frame.allow = 'microphone;clipboard-write'
  panel.append(frame)
  go()
}

// A frame that does not report has not come: the desk is down and nothing was kept. It stays hidden
// and is asked for again.
function go() {
  frame!.src = `${desk}/w/?key=${key}#o=${encodeURIComponent(location.origin)}`
  setTimeout(() => { if (!ready) { note.textContent = zh ? '正在重新连接' : 'Reconnecting'; go() } }, 9e3)
}

function show(on: boolean) {
  if (open === on) return
  open = on
  if (on) load()
  panel.hidden = !on
  button.hidden = on
  tell({ t: 'shown', open, page: location.href })
  ;(on ? frame! : button).focus()
}

addEventListener('message', ({ data: m, source, origin }: MessageEvent<{ t: string; session: string; n: number }>) => {
  if (!frame || source !== frame.contentWindow || origin !== desk) return
  if (m.t === 'ready') {
    ready = true
    frame.style.opacity = '1'
    tell({ t: 'start', session: store(key), page: location.href, locale: lang, theme: data.theme, open })
    if (jwt) tell({ t: 'identify', jwt })
    if (open) frame.focus()
  } else if (m.t === 'save') store(key, m.session)
  else if (m.t === 'close') show(false)
  else if (m.t === 'unread') {
    badge.hidden = !m.n
    badge.textContent = '' + m.n
  }
})

function dress(text: string) {
  if (!text) return
  const c = JSON.parse(text) as Partial<Config>, set = (name: string, value?: string | false) => host.style.setProperty(name, value || '')
  set('--c', c.brand_color)
  set('--o', c.on_brand_color)
  const left = (data.position ?? c.position) === 'left'
  set('--l', left && '24px')
  set('--r', left && 'auto')
  store(key + ':look', text)
}

const api: Api = (what: string, arg?: string) => {
  if (what === 'identify') { jwt = arg!; load(); tell({ t: 'identify', jwt }) }
  else if (what === 'reset') { jwt = ''; store(key, ''); tell({ t: 'reset' }) }
  else show(what === 'open')
}

function begin() {
  document.body.append(host)
  button.onclick = () => show(true)
  button.onmouseenter = load
  close.onclick = () => show(false)
  // An on-screen keyboard covers a full-screen frame unless it is told how high the visible part is.
  visualViewport!.onresize = () => { panel.style.height = innerWidth < 480 ? visualViewport!.height + 'px' : '' }
  dress(store(key + ':look'))
  fetch(`${desk}/api/v1/client/config?key=${key}`).then((r) => (r.ok ? r.text() : '')).then(dress, () => 0)
  // Somebody who spoke to us before may have an answer waiting; others cost the desk nothing until they ask.
  if (/"token"/.test(store(key))) (window.requestIdleCallback ?? setTimeout)(load)
  const before = window.Everdesk?.q
  window.Everdesk = api
  before?.forEach((a) => api(...(a as unknown as ['open'])))
}

if (document.body) begin()
else addEventListener('DOMContentLoaded', begin)
