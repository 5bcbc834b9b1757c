import type { Role } from '@everdesk/client/types'

export const roles: Role[] = ['owner', 'admin', 'supervisor', 'agent', 'trainer']

/** Permissions an API key may be given, as the server names them. */
export const scopes = [
  'conversation.read', 'conversation.reply', 'conversation.assign', 'customer.read', 'customer.write', 'ticket.read', 'ticket.write',
  'knowledge.read', 'knowledge.write', 'staff.read', 'settings.read', 'audit.read',
]
