import './shop.css'
import { account, type Customer, ordersPage, signedIn, vouch } from './account'
import { el, link } from './dom'
import { axes, facts, label, type Locale, price, type Product, stock, word } from './goods'
import { COLOURS, picture } from './pictures'
import { type Key, pages, sizeHead, SIZES, words } from './words'

const KEPT = 'skylark:locale', BAG = 'skylark:bag'
const root = document.getElementById('shop')!
const locale: Locale = (localStorage.getItem(KEPT) ?? navigator.language).startsWith('zh') ? 'zh-CN' : 'en'
const t = (key: Key, fill: Record<string, string | number> = {}) => words[locale][key].replace(/\{(\w+)\}/g, (_, k: string) => String(fill[k] ?? ''))

let goods: Product[] | undefined, failed = false, people: Customer[] = []
let bag: { id: string; choice: Record<string, string> }[] = JSON.parse(localStorage.getItem(BAG) ?? '[]') as never
const keepBag = () => localStorage.setItem(BAG, JSON.stringify(bag))

const path = () => location.pathname.replace(/^\/demo\/?/, '').replace(/\/$/, '')

function head(): HTMLElement {
  const here = path(), cat = new URLSearchParams(location.search).get('c') ?? ''
  const item = (to: string, on: boolean, text: string) => link(to, { 'aria-current': on ? 'page' : undefined }, text)
  return el('header', {},
    link('', { class: 'name' }, t('shop')),
    el('nav', { 'aria-label': t('menu') },
      item('', !here && !cat, t('all')),
      ...(['clothing', 'home', 'electronics'] as const).map((c) => item('?c=' + c, !here && cat === c, t(c))),
      item('returns', here === 'returns' || here === 'shipping', t('help'))),
    el('button', { type: 'button', class: 'quiet', lang: locale === 'en' ? 'zh-CN' : 'en', onclick: () => { localStorage.setItem(KEPT, locale === 'en' ? 'zh-CN' : 'en'); location.reload() } }, t('other')),
    link('account', { class: 'quiet', 'aria-current': here === 'account' || here === 'orders' ? 'page' : undefined }, signedIn(people)?.name ?? t('account')),
    link('bag', { class: 'quiet', 'aria-current': here === 'bag' ? 'page' : undefined }, bag.length ? `${t('bag')} (${bag.length})` : t('bag')))
}

function grid(): HTMLElement {
  const cat = new URLSearchParams(location.search).get('c') ?? ''
  const list = goods?.filter((p) => !cat || p.category === cat)
  return el('main', {},
    el('div', { class: 'hero' }, el('h1', {}, cat ? t(cat as Key) : t('hero')), el('p', {}, cat ? t('count', { n: list?.length ?? 0 }) : t('hero2'))),
    failed ? el('p', { class: 'note', role: 'status' }, t('lost'))
      : el('ul', { class: 'grid' }, ...(list ?? Array.from({ length: 8 }, () => undefined)).map((p) => {
        if (!p) return el('li', { class: 'wait' })
        const colour = (p.attributes.color as string[] | undefined)?.[0] ?? (p.attributes.scent as string[] | undefined)?.[0]
        const dots = Array.isArray(p.attributes.color) && p.attributes.color.length > 1 ? el('span', { class: 'dots', 'aria-hidden': 'true' }, ...p.attributes.color.map((c) => swatch(c))) : undefined
        return el('li', {}, link('p/' + p.product_id, {}, picture(p.image, colour, p.name[locale]), el('b', {}, p.name[locale]), el('span', { class: 'line' }, el('span', { class: 'num' }, price(p, locale)), dots)))
      })))
}

function swatch(colour: string): HTMLElement {
  const dot = el('i', {})
  dot.style.setProperty('background', COLOURS[colour] ?? '#b7a78f')
  return dot
}

const choices = new Map<string, Record<string, string>>()

function product(id: string): HTMLElement {
  const p = goods?.find((x) => x.product_id === id)
  if (!p) return goods ? lost() : el('main', { class: 'one' }, el('div', { class: 'wait big' }))
  const first: Record<string, string> = {}
  for (const a of axes(p)) first[a] = (p.attributes[a] as string[]).find((v) => stock(p, { ...first, [a]: v }) > 0) ?? (p.attributes[a] as string[])[0]!
  const choice = choices.get(id) ?? first
  choices.set(id, choice)
  const hue = choice.color ?? choice.scent, left = stock(p, choice)
  const pick = (a: string, v: string) => { choices.set(id, { ...choice, [a]: v }); draw() }
  const axis = (a: string) => el('fieldset', {},
    el('legend', {}, t('choose', { what: label(p, a, locale), value: word(p, a, choice[a]!, locale) })),
    el('div', { class: a === 'color' ? 'swatches' : 'sizes' }, ...(p.attributes[a] as string[]).map((v) => {
      const none = !stock(p, { ...(a === 'size' ? choice : {}), [a]: v })
      const name = word(p, a, v, locale) + (none ? ` (${t('sold')})` : '')
      return el('button', { type: 'button', 'aria-pressed': String(choice[a] === v), 'data-no': none, 'aria-label': name, title: name, onclick: () => pick(a, v) }, a === 'color' ? swatch(v) : word(p, a, v, locale))
    })))
  const others = Array.isArray(p.attributes.color) ? p.attributes.color : []
  return el('main', { class: 'one' },
    el('div', { class: 'pics' },
      el('div', { class: 'big' }, picture(p.image, hue, p.name[locale])),
      ...(others.length > 1 ? others.map((c) => el('button', { type: 'button', 'aria-pressed': String(c === hue), 'aria-label': word(p, 'color', c, locale), onclick: () => pick('color', c) }, picture(p.image, c, word(p, 'color', c, locale)))) : [])),
    el('div', { class: 'info' },
      el('p', { class: 'k' }, link('?c=' + p.category, {}, t(p.category as Key)), ' / ' + p.product_id),
      el('h1', {}, p.name[locale]), el('p', { class: 'price num' }, price(p, locale)), el('p', { class: 'text' }, p.description[locale]),
      ...axes(p).map(axis),
      el('p', { class: 'k stock', role: 'status' }, left ? t('left', { n: left }) : t('none')),
      el('button', { type: 'button', class: 'buy', disabled: !left, onclick: (e) => { bag = [...bag, { id, choice }]; keepBag(); draw(); (e.currentTarget as HTMLElement).focus() } }, bag.some((b) => b.id === id && JSON.stringify(b.choice) === JSON.stringify(choice)) ? t('added') : t('add')),
      el('dl', {}, ...facts(p, locale).map(([k, v]) => el('div', {}, el('dt', {}, k), el('dd', {}, v))))))
}

function bagPage(): HTMLElement {
  const items = bag.map((b, at) => ({ ...b, at, p: goods?.find((p) => p.product_id === b.id) })).filter((b): b is typeof b & { p: Product } => !!b.p)
  const unit = locale === 'en' ? 'USD' : 'CNY', sum = items.reduce((n, b) => n + b.p.price[unit], 0)
  return el('main', { class: 'page' }, el('h1', {}, t('bag')),
    !items.length ? el('p', { class: 'note' }, t('empty')) : el('ul', { class: 'bag' }, ...items.map((b) => el('li', {},
      picture(b.p.image, b.choice.color ?? b.choice.scent, b.p.name[locale]),
      el('div', {}, link('p/' + b.id, {}, el('b', {}, b.p.name[locale])), el('span', { class: 'k' }, Object.entries(b.choice).map(([a, v]) => word(b.p, a, v, locale)).join(' · '))),
      el('span', { class: 'num' }, price(b.p, locale)),
      el('button', { type: 'button', class: 'quiet', 'aria-label': `${t('remove')} ${b.p.name[locale]}`, onclick: () => { bag = bag.filter((_, i) => i !== b.at); keepBag(); draw() } }, t('remove'))))),
    items.length > 0 && el('p', { class: 'sum' }, t('sum') + ' ', el('b', { class: 'num' }, locale === 'en' ? `$${sum}` : `¥ ${sum}`)),
    items.length > 0 && el('p', { class: 'note' }, t('pay')),
    link('', { class: 'quiet' }, t('back')))
}

function text(name: keyof typeof pages): HTMLElement {
  const page = pages[name][locale]
  return el('main', { class: 'page' }, el('h1', {}, page.title),
    (name === 'returns' || name === 'shipping') && el('p', { class: 'tabs' }, link('shipping', { 'aria-current': name === 'shipping' ? 'page' : undefined }, pages.shipping[locale].title), link('returns', { 'aria-current': name === 'returns' ? 'page' : undefined }, pages.returns[locale].title), link('size-guide', {}, t('size_title'))),
    ...page.sections.flatMap(([title, lines]) => [el('h2', {}, title), ...(lines.length > 2 ? [el('ol', {}, ...lines.map((l) => el('li', {}, l)))] : lines.map((l) => el('p', {}, l)))]),
    el('button', { type: 'button', class: 'buy small', onclick: () => window.Everdesk?.('open') }, t('ask')))
}

function sizes(): HTMLElement {
  const [a, b, how] = sizeHead[locale]
  return el('main', { class: 'page' }, el('h1', {}, t('size_title')), el('p', {}, how),
    el('table', {}, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, a), el('th', { scope: 'col' }, b))), el('tbody', {}, ...SIZES.map(([s, cm]) => el('tr', {}, el('th', { scope: 'row' }, s), el('td', { class: 'num' }, cm))))))
}

const lost = () => el('main', { class: 'page' }, el('h1', {}, t('missing')), link('', { class: 'quiet' }, t('back')))

function view(): HTMLElement {
  const here = path()
  if (!here) return grid()
  if (here.startsWith('p/')) return product(here.slice(2))
  if (here === 'bag') return bagPage()
  if (here === 'size-guide') return sizes()
  if (here === 'account') return account(people, locale, draw)
  if (here === 'orders') return ordersPage(people, goods, locale, draw)
  if (here in pages) return text(here as keyof typeof pages)
  return lost()
}

function draw() {
  const focused = document.activeElement?.getAttribute('aria-label')
  const main = view()
  root.replaceChildren(head(), main, el('footer', {}, el('b', {}, t('shop')), el('span', {}, t('foot'))))
  document.title = [main.querySelector('h1')?.textContent, t('shop')].filter(Boolean).join(' · ')
  if (focused) root.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus()
}

// Pages change without a load, so that a conversation stays open while its customer looks around.
document.addEventListener('click', (e) => {
  const a = (e.target as Element).closest?.('a')
  if (!a || e.defaultPrevented || (e as MouseEvent).metaKey || (e as MouseEvent).ctrlKey || !a.pathname.startsWith('/demo') || a.origin !== location.origin) return
  e.preventDefault()
  history.pushState(null, '', a.href)
  draw()
  scrollTo(0, 0)
})
addEventListener('popstate', draw)

document.documentElement.lang = locale
draw()

fetch('/demo/products.json').then((r) => (r.ok ? (r.json() as Promise<Product[]>) : Promise.reject(new Error(String(r.status))))).then((list) => { goods = list }, () => { failed = true }).finally(draw)

// The shop's one line, with the key of this desk's widget.
fetch('/demo/config.json').then((r) => r.json() as Promise<{ key: string; desk?: string; customers?: Customer[] }>).then(({ key, desk, customers }) => {
  people = customers ?? []
  draw()
  const script = Object.assign(document.createElement('script'), { async: true, src: `${desk ?? ''}/w/loader.js`, onload: () => void vouch().catch(() => undefined) })
  script.dataset.key = key
  document.body.append(script)
}).catch(() => undefined)

declare global { interface Window { Everdesk?: { (what: 'open' | 'reset'): void; (what: 'identify', jwt: string): void } } }
