import { call } from './api'
import type { ApiKey, AuditIntegrity, AuditRow, Invitation, Locale, Page, PresenceState, Present, Role, Session, SignedInDevice, Staff, Team, Workspace } from './types'

// The door
export const readSetup = () => call<{ needed: boolean }>('get', '/setup')
export const finishSetup = (body: {
  token: string
  workspace_name: string
  time_zone: string
  name: string
  email: string
  password: string
  locale: Locale
}) =>
  call<Session>('post', '/setup', { body })
export const signIn = (email: string, password: string) => call<unknown>('post', '/session', { body: { email, password } })
export const readSession = () => call<Session>('get', '/session')
export const signOut = () => call<unknown>('delete', '/session')
export const listDevices = () => call<Page<SignedInDevice>>('get', '/sessions')
export const endDevice = (id: string) => call<unknown>('delete', '/sessions/{id}', { path: { id } })
export const forgotPassword = (email: string) => call<unknown>('post', '/password/forgot', { body: { email } })
export const resetPassword = (token: string, password: string) => call<unknown>('post', '/password/reset', { body: { token, password } })
export const changePassword = (current: string, password: string) => call<unknown>('put', '/password', { body: { current, password } })
export const changeMe = (body: { name?: string; locale?: Locale; theme?: string }) => call<unknown>('patch', '/me', { body })

export const readPresence = () => call<Present>('get', '/me/presence')
export const writePresence = (state: PresenceState, reason?: string) => call<Present>('put', '/me/presence', { body: { state, reason } })

// Staff
export const listStaff = (query: { cursor?: string } = {}) => call<Page<Staff>>('get', '/staff', { query })
export const changeStaff = (
  id: string,
  version: number,
  body: { role?: Role; reach?: string; teams?: string[]; capacity?: { chat: number; async: number }; active?: boolean; name?: string },
) => call<Staff>('patch', '/staff/{id}', { path: { id }, version, body })

/** A link by which a member sets a new password, to pass on by hand. */
export const offerReset = (id: string) => call<{ url: string; expires_at: string }>('post', '/staff/{id}/password-link', { path: { id } })

export const listInvitations = () => call<Page<Invitation>>('get', '/invitations')
export const createInvitation = (body: { email: string; role: Role; teams?: string[] }, key: string) =>
  call<Invitation>('post', '/invitations', { body, key })
export const renewInvitation = (id: string) => call<Invitation>('post', '/invitations/{id}/renew', { path: { id } })
export const deleteInvitation = (id: string) => call<unknown>('delete', '/invitations/{id}', { path: { id } })
export const readInvitation = (token: string) =>
  call<{ email: string; workspace: string; role: Role; invited_by?: string; has_account?: boolean }>('get', '/invitations/by-token/{token}', { path: { token } })
export const acceptInvitation = (body: { token: string; name?: string; password: string; locale?: Locale }) =>
  call<unknown>('post', '/invitations/accept', { body })

// Teams
export interface TeamDraft {
  name: string
  calendar_id?: string
  members: string[]
  wait_policy: { max_wait_seconds: number; max_queue: number }
  attention_seconds: number
}
export const listTeams = (query: { cursor?: string } = {}) => call<Page<Team>>('get', '/teams', { query })
export const createTeam = (body: TeamDraft, key: string) => call<Team>('post', '/teams', { body, key })
export const changeTeam = (id: string, version: number, body: Partial<TeamDraft>) =>
  call<Team>('patch', '/teams/{id}', { path: { id }, version, body })
export const deleteTeam = (id: string) => call<unknown>('delete', '/teams/{id}', { path: { id } })

// Keys and audit
export const listApiKeys = () => call<Page<ApiKey>>('get', '/api-keys')
export const createApiKey = (body: { name: string; scopes: string[] }, key: string) => call<ApiKey>('post', '/api-keys', { body, key })
export const deleteApiKey = (id: string) => call<unknown>('delete', '/api-keys/{id}', { path: { id } })
export const listAudit = (query: { cursor?: string; actor?: string; action?: string }, signal?: AbortSignal) =>
  call<Page<AuditRow>>('get', '/audit', { query, signal })
export const verifyAudit = () => call<AuditIntegrity>('get', '/audit/integrity')

export const readWorkspace = () => call<Workspace>('get', '/workspace')
export const changeWorkspace = (version: number, body: { name?: string; locale?: string; time_zone?: string }) =>
  call<Workspace>('patch', '/workspace', { version, body })
