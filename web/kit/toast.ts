import { shallowReactive } from 'vue'

export interface Toast {
  id: number
  kind: 'good' | 'bad' | 'info'
  text: string
  action?: { label: string; run: () => void }
}

/** What is on screen now, oldest first. Never the only copy of an error. */
export const toasts = shallowReactive<Toast[]>([])

let last = 0

/** Shows a toast for 5 seconds, errors for 8; at most three stand at a time. */
export function toast(kind: Toast['kind'], text: string, action?: Toast['action']): number {
  const id = ++last
  toasts.push({ id, kind, text, action })
  if (toasts.length > 3) toasts.shift()
  setTimeout(() => dismiss(id), kind === 'bad' ? 8000 : 5000)
  return id
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((one) => one.id === id)
  if (at >= 0) toasts.splice(at, 1)
}
