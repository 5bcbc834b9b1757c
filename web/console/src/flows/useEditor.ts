import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, type Problem } from '@everdesk/client/api'
import { checkFlow, readFlow, saveFlow, type FlowDocument } from '@everdesk/client/flows'
import type { FlowDraft, FlowProblem } from '@everdesk/client/types'
import { useAction } from '@/shell/act'
import type { FlowDoc } from './document'

const most = 100

/** A flow being edited: its document with undo, its problems as it changes, and what the server has of it. */
export function useEditor(id: Ref<string>) {
  const { locale } = useI18n()
  const { busy, run } = useAction()
  const flow = shallowRef<FlowDraft>()
  const doc = shallowRef<FlowDoc>()
  const saved = shallowRef('')
  const problem = shallowRef<Problem>()
  const problems = shallowRef<FlowProblem[]>([])
  const checking = ref(false)
  const unchecked = ref(false)
  const undone = shallowRef<FlowDoc[]>([])
  const done = shallowRef<FlowDoc[]>([])

  const dirty = computed(() => !!doc.value && JSON.stringify(doc.value) !== saved.value)
  const errors = computed(() => problems.value.filter((one) => one.severity === 'error').length)

  function take(now: FlowDraft): void {
    flow.value = now
    doc.value = now.document as unknown as FlowDoc
    saved.value = JSON.stringify(now.document)
    undone.value = []
    done.value = []
  }

  /** Another version is met by customers; the draft is as it was, and so is what is not saved of it. */
  function meet(now: FlowDraft): void {
    flow.value = now
  }

  async function load(): Promise<void> {
    problem.value = undefined
    try {
      take(await readFlow(id.value))
    } catch (error) {
      problem.value = asProblem(error)
    }
  }

  /** One change, that can be taken back. */
  function change(to: FlowDoc): void {
    if (!doc.value) return
    done.value = [...done.value, doc.value].slice(-most)
    undone.value = []
    doc.value = to
  }

  function undo(): void {
    const before = done.value.at(-1)
    if (!before || !doc.value) return
    undone.value = [...undone.value, doc.value]
    done.value = done.value.slice(0, -1)
    doc.value = before
  }

  function redo(): void {
    const after = undone.value.at(-1)
    if (!after || !doc.value) return
    done.value = [...done.value, doc.value]
    undone.value = undone.value.slice(0, -1)
    doc.value = after
  }

  /** True once the server has the draft as it is on screen. */
  async function save(): Promise<boolean> {
    const now = flow.value
    const text = doc.value && JSON.stringify(doc.value)
    if (!now || !text || !dirty.value) return true
    return run(async () => {
      const kept = await saveFlow(now.id, now.version, JSON.parse(text) as FlowDocument)
      flow.value = kept
      saved.value = text
    })
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined
  async function check(now: FlowDoc): Promise<void> {
    asked?.abort()
    const mine = (asked = new AbortController())
    try {
      const found = await checkFlow(now as unknown as FlowDocument, locale.value, mine.signal)
      if (mine.signal.aborted) return
      problems.value = found.problems ?? []
      unchecked.value = false
    } catch {
      // What was found before stays on screen; publishing checks once more.
      if (!mine.signal.aborted) unchecked.value = true
    } finally {
      if (asked === mine) checking.value = false
    }
  }
  watch([doc, locale], ([now]) => {
    clearTimeout(timer)
    if (!now) return
    checking.value = true
    timer = setTimeout(() => void check(now), 350)
  })
  watch(id, load, { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked?.abort()
  })

  return { flow, doc, dirty, problem, problems, errors, checking, unchecked, busy, done, undone, run, take, meet, load, change, undo, redo, save }
}
