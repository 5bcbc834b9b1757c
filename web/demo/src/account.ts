// Who is signed in to the shop, and what they ordered. Being a demonstration, it lets anybody be
// any of its customers; the proof the widget gets is signed by the shop's server as a real one is.
import { el, link } from './dom'
import { type Locale, type Product, word } from './goods'
import { picture } from './pictures'
import { words, type Key } from './words'

export interface Customer { key: string; name: string; locale: Locale; tier: string; city: string }

interface Order {
  number: string
  items: ({ product_id: string; quantity: number } & Record<string, string | number>)[]
  currency: 'CNY' | 'USD'
  amount: number
  status: string
  placed_at: string
  carrier: Record<Locale, string> | null
  tracking_number: string | null
  events: { code: string; at: string; text: Record<Locale, string> }[]
}

const KEPT = 'skylark:customer'
let orders: Order[] | undefined, of = ''

export const signedIn = (all: Customer[]) => all.find((c) => c.key === localStorage.getItem(KEPT))

/** Tells the widget who this is, once both the widget and a customer are there. */
export async function vouch() {
  const key = localStorage.getItem(KEPT)
  if (!key) return
  const { token } = (await (await fetch('/demo/identity.json?customer=' + encodeURIComponent(key))).json()) as { token: string }
  window.Everdesk?.('identify', token)
}

function sign(key: string | undefined, draw: () => void) {
  if (key) localStorage.setItem(KEPT, key)
  else {
    localStorage.removeItem(KEPT)
    window.Everdesk?.('reset')
  }
  orders = undefined
  draw()
  vouch().catch(() => undefined)
}

/** Pick a customer, or leave. */
export function account(all: Customer[], l: Locale, draw: () => void): HTMLElement {
  const t = (k: Key) => words[l][k], me = signedIn(all)
  return el('main', { class: 'page' }, el('h1', {}, t('account')),
    me ? el('p', {}, `${t('you_are')} `, el('b', {}, me.name), ` · ${me.city}`) : el('p', {}, t('sign_in')),
    me && el('p', { class: 'tabs' }, link('orders', {}, t('orders')), el('button', { type: 'button', class: 'quiet', onclick: () => sign(undefined, draw) }, t('sign_out'))),
    el('ul', { class: 'people' }, ...all.map((c) => el('li', {}, el('button', { type: 'button', 'aria-pressed': String(c === me), onclick: () => sign(c.key, draw) }, el('b', {}, c.name), el('span', { class: 'k' }, c.city))))))
}

/** What the customer ordered, newest first, with where it is. */
export function ordersPage(all: Customer[], goods: Product[] | undefined, l: Locale, draw: () => void): HTMLElement {
  const t = (k: Key) => words[l][k], me = signedIn(all)
  if (me && (of !== me.key || !orders)) {
    of = me.key
    orders ??= []
    fetch('/demo/orders.json?customer=' + encodeURIComponent(me.key)).then((r) => r.json() as Promise<Order[]>).then((list) => { orders = list.sort((a, b) => b.placed_at.localeCompare(a.placed_at)); draw() }, () => undefined)
  }
  const when = (iso: string) => new Date(iso).toLocaleString(l, { month: l === 'en' ? 'short' : 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).replace(/(\d+)([月日])/g, ' $1 $2').trim()
  const money = (o: Order) => (o.currency === 'USD' ? `$${o.amount}` : `¥ ${o.amount}`)
  return el('main', { class: 'page' }, el('h1', {}, t('orders')),
    !me ? el('p', {}, t('sign_first'), ' ', link('account', { class: 'in' }, t('account'))) : el('p', { class: 'note' }, t('ask_order')),
    el('ul', { class: 'orders' }, ...(me ? orders ?? [] : []).map((o) => el('li', {},
      el('div', { class: 'line' }, el('b', { class: 'num' }, o.number), el('span', { class: 'num' }, money(o))),
      el('ul', { class: 'bag' }, ...o.items.map((i) => {
        const p = goods?.find((x) => x.product_id === i.product_id), colour = String(i.color ?? i.scent ?? '')
        return p && el('li', {}, picture(p.image, colour, p.name[l]), el('div', {}, link('p/' + p.product_id, {}, el('b', {}, p.name[l])), el('span', { class: 'k' }, ['color', 'scent', 'size'].filter((a) => i[a]).map((a) => word(p, a, String(i[a]), l)).join(' · ') + (i.quantity > 1 ? ` × ${i.quantity}` : ''))))
      })),
      el('ol', { class: 'track' }, ...o.events.slice(-3).reverse().map((e) => el('li', {}, el('span', { class: 'k num' }, when(e.at)), e.text[l]))),
      !!o.tracking_number && el('p', { class: 'k' }, `${o.carrier?.[l] ?? ''} ${o.tracking_number}`)))))
}
