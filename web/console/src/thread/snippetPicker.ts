import { computed, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Snippet } from '@everdesk/client/types'
import { fillSnippet, loadSnippets, matchSnippets, snippets } from '@/shell/snippets'

/** The "/word" just before the caret, if it starts a line or follows a space. */
export function slashBefore(text: string, caret: number): { from: number; typed: string } | undefined {
  const match = /(^|\s)\/([^\s/]*)$/.exec(text.slice(0, caret))
  if (!match) return undefined
  const typed = match[2] ?? ''
  return { from: caret - typed.length - 1, typed }
}

/** The list that opens at "/" in a text box; arrows move, Enter or Tab inserts. */
export function useSnippetPicker(text: Ref<string>, area: Ref<HTMLTextAreaElement | undefined>, names: () => { customer: string; agent: string }) {
  const { locale } = useI18n()
  const open = ref(false)
  const typed = ref('')
  const at = ref(0)
  const items = computed(() => (open.value ? matchSnippets(snippets.value, typed.value, locale.value).map((one) => ({ ...one, text: fillSnippet(one.text, names()) })) : []))

  function update(): void {
    const box = area.value
    const slash = box && slashBefore(box.value, box.selectionStart)
    open.value = !!slash
    at.value = 0
    if (!slash) return
    typed.value = slash.typed
    void loadSnippets()
  }

  function pick(snippet: Snippet): void {
    const box = area.value
    const slash = box && slashBefore(box.value, box.selectionStart)
    open.value = false
    if (!box || !slash) return
    box.setRangeText(snippet.text, slash.from, box.selectionStart, 'end')
    text.value = box.value
    box.dispatchEvent(new Event('input'))
  }

  /** True when the press belonged to the list. */
  function key(event: KeyboardEvent): boolean {
    if (!open.value) return false
    const chosen = items.value[at.value]
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const by = event.key === 'ArrowDown' ? 1 : -1
      at.value = (at.value + by + items.value.length) % Math.max(1, items.value.length)
    } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) pick(chosen)
    else if (event.key === 'Escape') open.value = false
    else return false
    event.preventDefault()
    return true
  }

  const close = () => {
    open.value = false
  }
  return { open, items, at, update, pick, key, close }
}
