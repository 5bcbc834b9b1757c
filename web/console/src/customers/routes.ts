import type { RouteRecordRaw } from 'vue-router'

export const customerRoutes: RouteRecordRaw[] = [
  { path: 'customers', component: () => import('./CustomersPage.vue'), meta: { words: ['customers'] } },
  { path: 'customers/:id', component: () => import('./CustomerPage.vue'), meta: { words: ['customers'] } },
]
