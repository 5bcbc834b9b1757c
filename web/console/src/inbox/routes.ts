import type { RouteRecordRaw } from 'vue-router'

export const inboxRoutes: RouteRecordRaw[] = [
  { path: 'inbox', redirect: '/inbox/mine' },
  {
    path: 'inbox/:view/:id?',
    component: () => import('./InboxPage.vue'),
    meta: { words: ['inbox', 'thread'] },
  },
]
