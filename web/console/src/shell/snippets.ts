import { shallowRef } from 'vue'
import { everything } from '@everdesk/client/api'
import { listSnippets } from '@everdesk/client/desk'
import type { Snippet } from '@everdesk/client/types'

export const snippets = shallowRef<Snippet[]>([])
let reading: Promise<void> | undefined

/** Reads the snippets once; a failed read is tried again at the next call. */
export async function loadSnippets(fresh = false): Promise<void> {
  if (fresh) reading = undefined
  reading ??= everything((cursor) => listSnippets({ cursor })).then((all) => {
    snippets.value = all
  })
  try {
    await reading
  } catch {
    reading = undefined
  }
}

/** A snippet's words with the names in place: {{customer.name}}, {{agent.name}}. What else stands in braces stays. */
export function fillSnippet(text: string, names: { customer: string; agent: string }): string {
  return text.replace(/\{\{\s*(customer|agent)\.name\s*\}\}/g, (all, who: 'customer' | 'agent') => names[who] || all)
}

/** Snippets for what was typed after "/": by key first, then by title. */
export function matchSnippets(all: Snippet[], typed: string, locale: string): Snippet[] {
  const wanted = typed.toLowerCase()
  const rank = (one: Snippet) => (one.key.toLowerCase().startsWith(wanted) ? 0 : one.title.toLowerCase().includes(wanted) ? 1 : 2)
  return all
    .filter((one) => rank(one) < 2)
    .sort((a, b) => rank(a) - rank(b) || Number(b.locale === locale) - Number(a.locale === locale) || (a.key < b.key ? -1 : 1))
    .slice(0, 8)
}
