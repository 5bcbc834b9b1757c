import type { RouteRecordRaw } from 'vue-router'

export const ticketRoutes: RouteRecordRaw[] = [
  { path: 'tickets', component: () => import('./TicketsPage.vue'), meta: { words: ['tickets'] } },
  { path: 'tickets/:id', component: () => import('./TicketPage.vue'), meta: { words: ['tickets', 'thread'] } },
]
