import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, type Problem } from '@everdesk/client/api'
import { toast } from '@everdesk/kit/toast'

/** Words for a problem: ours for what we know best, else the server's. */
export function useWords() {
  const { t, te } = useI18n()
  return (problem: Problem): string => {
    const known = `shell.problem.${problem.code.replaceAll('.', '_')}`
    if (te(known)) return t(known, { ...problem.facts, wait: problem.retryAfter ?? 1 })
    return problem.title || t('shell.problem.unknown', { status: problem.status })
  }
}

/** Runs an action once at a time and words its failure. */
export function useAction() {
  const busy = ref(false)
  const words = useWords()

  /** True when it went through; other handles a refusal the caller understands. */
  async function run(action: () => Promise<unknown>, other?: (problem: Problem) => boolean | void): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      await action()
      return true
    } catch (error) {
      const problem = asProblem(error)
      if (other?.(problem) !== true) toast('bad', words(problem))
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, run, words }
}

/** The server's complaints by field, for forms. */
export function fieldErrors(problem: Problem): Record<string, string> {
  const found: Record<string, string> = {}
  for (const field of problem.fields) {
    const name = field.path.split(/[./]/).filter(Boolean).at(-1) ?? field.path
    found[name] ??= field.detail || field.code
  }
  return found
}
