import { useI18n } from 'vue-i18n'
import { reopenConversation, resolveConversation, takeConversation, transferConversation } from '@everdesk/client/conversations'
import type { Problem } from '@everdesk/client/api'
import { toast } from '@everdesk/kit/toast'
import type { Conversation } from '@everdesk/client/types'
import { useAction } from '@/shell/act'
import { useInbox } from './store'
import { seenUpTo } from './views'

/** Who has it, in the words of a refusal. */
export function takenBy(problem: Problem): string | undefined {
  if (problem.code !== 'conversation.taken') return undefined
  const agent = problem.facts.agent
  if (typeof agent === 'string') return agent
  return typeof agent === 'object' && agent !== null && 'name' in agent ? String(agent.name) : ''
}

/**
 * What one can do to the open conversation. lastSeq: up to where its messages
 * are on screen, 0 while they are still being read. late: a newer message
 * decided otherwise.
 */
export function useConversationActions(row: () => Conversation | undefined, lastSeq: () => number, late: () => void) {
  const { t } = useI18n()
  const inbox = useInbox()
  const { busy, run, words } = useAction()

  const refused = (problem: Problem): boolean => {
    const now = row()
    if (now && problem.status === 409) void inbox.fetch(now.id).catch(() => undefined)
    const agent = takenBy(problem)
    if (agent !== undefined) {
      toast('info', agent ? t('inbox.taken_by', { name: agent }) : t('inbox.taken'))
      return true
    }
    if (problem.code === 'conversation.newer_message') {
      toast('info', t('inbox.newer_message'))
      late()
      return true
    }
    return false
  }

  const act = (what: (row: Conversation) => Promise<Conversation>) => {
    const now = row()
    return now ? run(async () => inbox.put(await what(now)), refused) : Promise.resolve(false)
  }

  const take = () => act((now) => takeConversation(now.id, now.owner_epoch))
  const toBot = () => act((now) => transferConversation(now.id, { bot: true }, now.owner_epoch))
  const reopen = () => act((now) => reopenConversation(now.id))

  async function resolve(): Promise<void> {
    const id = row()?.id
    const done = await act((now) => resolveConversation(now.id, seenUpTo(now, lastSeq())))
    if (!done || !id) return
    toast('good', t('inbox.resolved_toast'), {
      label: t('shell.undo'),
      run: () => void run(async () => inbox.put(await reopenConversation(id)), refused),
    })
  }

  return { busy, run, words, refused, take, toBot, reopen, resolve }
}
