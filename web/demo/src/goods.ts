// The catalogue as its file has it: language-neutral values, with their wording beside them.

export type Locale = 'zh-CN' | 'en'
type Values = string[] | string | number

export interface Product {
  product_id: string
  name: Record<Locale, string>
  category: string
  description: Record<Locale, string>
  price: Record<'CNY' | 'USD', number>
  image: string
  attributes: Record<string, Values>
  labels?: Record<Locale, Record<string, { label: string; values?: Record<string, string> }>>
  variants?: Record<string, string | number>[]
}

/** What a product can be chosen by, in the order in which it is asked. */
export const axes = (p: Product) => ['color', 'scent', 'size'].filter((a) => Array.isArray(p.attributes[a]))

export const label = (p: Product, attribute: string, l: Locale) => p.labels?.[l]?.[attribute]?.label ?? attribute

export const word = (p: Product, attribute: string, value: string, l: Locale) => p.labels?.[l]?.[attribute]?.values?.[value] ?? value

/** Pieces in stock of a choice; what is not listed does not exist. */
export function stock(p: Product, choice: Record<string, string>): number {
  const fits = (p.variants ?? []).filter((v) => Object.entries(choice).every(([k, x]) => v[k] === undefined || v[k] === x))
  return fits.reduce((n, v) => n + Number(v.stock), 0)
}

export const price = (p: Product, l: Locale) => (l === 'en' ? `$${p.price.USD}` : `¥ ${p.price.CNY}`)

/** The facts of a product that are not chosen, as pairs of words. */
export const facts = (p: Product, l: Locale): [string, string][] => Object.entries(p.attributes)
  .filter(([k]) => k !== 'stock' && !axes(p).includes(k))
  .map(([k, v]) => [label(p, k, l), (Array.isArray(v) ? v : [String(v)]).map((x) => word(p, k, x, l)).join(l === 'en' ? ', ' : '、')])
