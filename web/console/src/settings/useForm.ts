import { computed, onMounted, onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'
import { useCommands } from '@everdesk/kit/keys'
import { toast } from '@everdesk/kit/toast'
import { asProblem, type Problem } from '@everdesk/client/api'
import { fieldErrors, useAction } from '@/shell/act'

/**
 * One settings object in a form: read, changed, saved with the version that was
 * read. Leaving with unsaved changes asks first.
 */
export function useForm<T, D>(read: () => Promise<T>, draftOf: (saved: T) => D, write: (saved: T, draft: D) => Promise<T>) {
  const { t } = useI18n()
  const saved = shallowRef<T>()
  const draft = ref<D>() as Ref<D | undefined>
  const problem = shallowRef<Problem>()
  const errors = ref<Record<string, string>>({})
  const { busy, run } = useAction()
  const clean = ref('')
  const dirty = computed(() => draft.value !== undefined && JSON.stringify(draft.value) !== clean.value)

  function take(found: T): void {
    saved.value = found
    draft.value = draftOf(found)
    clean.value = JSON.stringify(draft.value)
  }
  async function load(): Promise<void> {
    problem.value = undefined
    try {
      take(await read())
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  async function save(): Promise<void> {
    const before = saved.value
    const now = draft.value
    errors.value = {}
    if (before === undefined || now === undefined || !dirty.value) return
    const done = await run(
      async () => take(await write(before, now)),
      (refusal) => {
        // The next save writes over what came between, once a person has seen it.
        if (refusal.status === 412) void read().then((latest) => (saved.value = latest), () => undefined)
        errors.value = fieldErrors(refusal)
        return Object.keys(errors.value).length > 0
      },
    )
    if (done) toast('good', t('shell.saved'))
  }
  const discard = () => {
    errors.value = {}
    if (saved.value !== undefined) take(saved.value)
  }

  void load()
  onBeforeRouteLeave(() => !dirty.value || window.confirm(t('settings.leave')))
  const warn = (event: BeforeUnloadEvent) => {
    if (dirty.value) event.preventDefault()
  }
  onMounted(() => addEventListener('beforeunload', warn))
  onScopeDispose(() => removeEventListener('beforeunload', warn))
  useCommands({ id: 'save', group: 'page', label: () => t('shell.save'), keys: 'mod+s', run: () => void save() })
  // Pages show their form once it is there, so what they hold is never undefined.
  return { saved, draft: draft as Ref<D>, dirty, problem, errors, busy, load, save, discard }
}
