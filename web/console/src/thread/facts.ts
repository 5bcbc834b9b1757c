import type { Facts } from '@everdesk/client/types'

/** The first of the named facts that can be read as words. */
export function factText(facts: Facts, ...names: string[]): string {
  for (const name of names) {
    const value = facts[name]
    if (typeof value === 'string' && value) return value
    if (typeof value === 'number') return String(value)
    if (typeof value === 'object' && value !== null) {
      if ('name' in value && typeof value.name === 'string' && value.name) return value.name
      if ('code' in value && typeof value.code === 'string' && value.code) return value.code
    }
  }
  return ''
}
