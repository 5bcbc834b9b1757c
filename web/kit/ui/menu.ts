import { shallowRef, type Component } from 'vue'

/** The menu with its positioning and keyboard work, once it has been loaded. */
export const fullMenu = shallowRef<{ root: Component; item: Component; sub: Component }>()

let loading: Promise<void> | undefined

export function loadMenu(): Promise<void> {
  loading ??= Promise.all([import('./MenuFull.vue'), import('./MenuItemFull.vue'), import('./MenuSubFull.vue')]).then(([root, item, sub]) => {
    fullMenu.value = { root: root.default, item: item.default, sub: sub.default }
  })
  return loading
}

// A quarter of the first page's code is needed only once a menu opens.
if (typeof window !== 'undefined') {
  const idle = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 300))
  if (document.readyState === 'complete') idle(() => void loadMenu())
  else addEventListener('load', () => idle(() => void loadMenu()))
}
