import { ref, watch } from 'vue'

/** Reads and writes this browser's choices; a blocked storage forgets them. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`everdesk.${name}`)
  } catch {
    return null
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`everdesk.${name}`)
    else localStorage.setItem(`everdesk.${name}`, value)
  } catch {
    // A private window: the choice lasts as long as the page.
  }
}

export type Theme = 'system' | 'light' | 'dark'

const stored = recall('theme')
export const theme = ref<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system')
export const enterSends = ref(recall('enter_sends') !== '0')
export const compact = ref(recall('compact') === '1')
export const notifies = ref(recall('notifies') !== '0')

const dark = matchMedia('(prefers-color-scheme: dark)')

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value === 'system' ? (dark.matches ? 'dark' : 'light') : theme.value
}

watch(theme, (now) => {
  remember('theme', now === 'system' ? null : now)
  applyTheme()
})
watch(enterSends, (now) => remember('enter_sends', now ? null : '0'))
watch(compact, (now) => remember('compact', now ? '1' : null))
watch(notifies, (now) => remember('notifies', now ? null : '0'))
dark.addEventListener('change', applyTheme)
