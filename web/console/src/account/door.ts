import type { LocationQueryValue, RouteLocationNormalizedLoaded } from 'vue-router'

/** The one-time token of a link: in the path, the query or the fragment. */
export function tokenOf(route: RouteLocationNormalizedLoaded): string {
  const first = (value: string | LocationQueryValue | (string | LocationQueryValue)[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? ''
  return first(route.params.token) || first(route.query.token) || route.hash.replace(/^#(token=)?/, '')
}

/** Where to go after sign-in; only ever a path of ours. */
export function safePath(wanted: unknown): string {
  return typeof wanted === 'string' && /^\/(?![/\\])/.test(wanted) ? wanted : '/'
}

export const shortPassword = (password: string): boolean => [...password].length < 10
