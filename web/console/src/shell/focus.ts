import type { Directive } from 'vue'

/** Focuses an input the moment it appears. */
export const vFocus: Directive<HTMLElement> = { mounted: (element) => element.focus() }
