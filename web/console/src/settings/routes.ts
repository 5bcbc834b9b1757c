import type { RouteRecordRaw } from 'vue-router'

/** The pages of the settings, in the order of their menu; need: the permission. */
export const pages = [
  { group: 'workspace', path: 'general', need: 'settings.read' },
  { group: 'workspace', path: 'members', need: 'staff.read' },
  { group: 'workspace', path: 'teams', need: 'staff.read' },
  { group: 'workspace', path: 'hours', need: 'settings.read' },
  { group: 'channels', path: 'widget', need: 'channel.manage' },
  { group: 'channels', path: 'email', need: 'channel.manage' },
  { group: 'channels', path: 'sms', need: 'channel.manage' },
  { group: 'rules', path: 'snippets', need: 'settings.read' },
  { group: 'security', path: 'api-keys', need: 'apikey.manage' },
  { group: 'security', path: 'audit', need: 'audit.read' },
] as const

export const settingsRoutes: RouteRecordRaw[] = [
  {
    path: 'settings',
    component: () => import('./SettingsPage.vue'),
    meta: { words: ['settings'] },
    children: [
      { path: 'general', component: () => import('./GeneralPage.vue'), meta: { deep: true } },
      { path: 'members', component: () => import('./MembersPage.vue'), meta: { deep: true } },
      { path: 'teams', component: () => import('./TeamsPage.vue'), meta: { deep: true } },
      { path: 'hours', component: () => import('./HoursPage.vue'), meta: { deep: true } },
      { path: 'widget', component: () => import('./WidgetPage.vue'), meta: { deep: true } },
      { path: 'email', component: () => import('./EmailPage.vue'), meta: { deep: true } },
      { path: 'sms', component: () => import('./SmsPage.vue'), meta: { deep: true } },
      { path: 'snippets', component: () => import('./SnippetsPage.vue'), meta: { deep: true } },
      { path: 'api-keys', component: () => import('./ApiKeysPage.vue'), meta: { deep: true } },
      { path: 'audit', component: () => import('./AuditPage.vue'), meta: { deep: true } },
    ],
  },
]
