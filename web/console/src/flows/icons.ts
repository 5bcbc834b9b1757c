import { BadgeCheck, Bot, CircleHelp, Flag, GitBranch, Headset, ListChecks, ListOrdered, PlugZap, Split, Star, TextCursorInput, Ticket, Variable } from '@lucide/vue'
import type { NodeType } from './document'

/** One picture for each type of step. */
export const icons: Record<NodeType, typeof Bot> = {
  say: Bot, ask: TextCursorInput, choose: ListChecks, confirm: CircleHelp, branch: GitBranch, set: Variable, call: PlugZap, verify: BadgeCheck,
  guide: ListOrdered, ticket: Ticket, survey: Star, run: Split, handover: Headset, end: Flag,
}
