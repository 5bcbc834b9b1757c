import { call } from './api'
import type {
  Article, Calendar, ChannelTrial, Conversation, Customer, EmailChannel, Import, Page, Priority, Product, SmsChannel, Snippet, Ticket, TicketView, Topic, Trial,
  WidgetSettings,
} from './types'

// Customers
export const listCustomers = (query: { q?: string; cursor?: string }, signal?: AbortSignal) =>
  call<Page<Customer>>('get', '/customers', { query, signal })
export const readCustomer = (id: string, signal?: AbortSignal) => call<Customer>('get', '/customers/{id}', { path: { id }, signal })
export const changeCustomer = (
  id: string,
  version: number,
  body: { name?: string; tier?: string; locale?: string; time_zone?: string; attributes?: Record<string, string> },
) => call<Customer>('patch', '/customers/{id}', { path: { id }, version, body })
export const customerConversations = (id: string, signal?: AbortSignal) =>
  call<Page<Conversation>>('get', '/customers/{id}/conversations', { path: { id }, signal })

// Tickets
export const listTickets = (query: { view: TicketView; q?: string; cursor?: string }, signal?: AbortSignal) =>
  call<Page<Ticket>>('get', '/tickets', { query, signal })
export const readTicket = (id: string, signal?: AbortSignal) => call<Ticket>('get', '/tickets/{id}', { path: { id }, signal })
export const createTicket = (
  body: { subject: string; body: string; customer: { name?: string; email?: string; phone?: string }; priority?: Priority; team_id?: string },
  key: string,
) => call<Ticket>('post', '/tickets', { body, key })
export const changeTicket = (
  id: string,
  version: number,
  body: { subject?: string; priority?: Priority; assignee_id?: string; team_id?: string; status?: Ticket['status'] },
) => call<Ticket>('patch', '/tickets/{id}', { path: { id }, version, body })
export const replyTicket = (id: string, client_id: string, text: string) =>
  call<unknown>('post', '/tickets/{id}/replies', { path: { id }, body: { client_id, text } })
export const resolveTicket = (id: string, seen_seq: number) => call<Ticket>('post', '/tickets/{id}/resolve', { path: { id }, body: { seen_seq } })
export const reopenTicket = (id: string) => call<Ticket>('post', '/tickets/{id}/reopen', { path: { id } })

// Knowledge
export interface ArticleDraft {
  kind: Article['kind']
  locale: Article['locale']
  title: string
  variants: string[]
  body: string
  topic: string
}
export const listTopics = (signal?: AbortSignal) => call<{ items: Topic[] }>('get', '/knowledge/topics', { signal })
export const listArticles = (
  query: { q?: string; locale?: string; status?: string; kind?: string; topic?: string; cursor?: string },
  signal?: AbortSignal,
) => call<Page<Article>>('get', '/knowledge', { query, signal })
export const readArticle = (id: string, signal?: AbortSignal) => call<Article>('get', '/knowledge/{id}', { path: { id }, signal })
export const createArticle = (body: ArticleDraft, key: string) => call<Article>('post', '/knowledge', { body, key })
export const changeArticle = (id: string, version: number, body: ArticleDraft) =>
  call<Article>('put', '/knowledge/{id}', { path: { id }, version, body })
export const deleteArticle = (id: string) => call<unknown>('delete', '/knowledge/{id}', { path: { id } })
export const publishArticle = (id: string) => call<Article>('post', '/knowledge/{id}/publish', { path: { id } })
export const archiveArticle = (id: string) => call<Article>('post', '/knowledge/{id}/archive', { path: { id } })
export const tryQuestion = (question: string, locale: string, signal?: AbortSignal) =>
  call<Trial>('post', '/knowledge/try', { body: { question, locale }, signal })
export const readImport = (id: string) => call<Import>('get', '/knowledge/imports/{id}', { path: { id } })
export const listProducts = (query: { cursor?: string }) => call<Page<Product>>('get', '/products', { query })

// Calendars
export type CalendarDraft = Pick<Calendar, 'name' | 'time_zone' | 'weekly' | 'holidays' | 'overrides'>
export const listCalendars = () => call<Page<Calendar>>('get', '/calendars')
export const createCalendar = (body: CalendarDraft, key: string) => call<Calendar>('post', '/calendars', { body, key })
export const changeCalendar = (id: string, version: number, body: CalendarDraft) =>
  call<Calendar>('put', '/calendars/{id}', { path: { id }, version, body })
export const deleteCalendar = (id: string) => call<unknown>('delete', '/calendars/{id}', { path: { id } })

// Channels
export const readEmailChannel = () => call<EmailChannel>('get', '/channels/email')
export const writeEmailChannel = (version: number, body: Omit<EmailChannel, 'version' | 'has_password'> & { password?: string }) =>
  call<EmailChannel>('put', '/channels/email', { version, body })
export const testEmailChannel = (to: string) => call<ChannelTrial>('post', '/channels/email/test', { body: { to } })
export const readSmsChannel = () => call<SmsChannel>('get', '/channels/sms')
export const writeSmsChannel = (version: number, body: Omit<SmsChannel, 'version' | 'has_secret'> & { secret?: string }) => call<SmsChannel>('put', '/channels/sms', { version, body })
export const testSmsChannel = (to: string) => call<ChannelTrial>('post', '/channels/sms/test', { body: { to } })
export const readWidgetSettings = () => call<WidgetSettings>('get', '/channels/widget')
export const writeWidgetSettings = (version: number, body: Omit<WidgetSettings, 'version' | 'key'>) =>
  call<WidgetSettings>('put', '/channels/widget', { version, body })

// Snippets
export type SnippetDraft = Pick<Snippet, 'key' | 'title' | 'text' | 'locale'>
export const listSnippets = (query: { cursor?: string } = {}) => call<Page<Snippet>>('get', '/snippets', { query })
export const createSnippet = (body: SnippetDraft, key: string) => call<Snippet>('post', '/snippets', { body, key })
export const changeSnippet = (id: string, version: number, body: Partial<SnippetDraft>) =>
  call<Snippet>('patch', '/snippets/{id}', { path: { id }, version, body })
export const deleteSnippet = (id: string) => call<unknown>('delete', '/snippets/{id}', { path: { id } })
