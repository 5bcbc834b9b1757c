import type { RouteRecordRaw } from 'vue-router'

const meta = { words: ['flows'] }

export const flowRoutes: RouteRecordRaw[] = [
  { path: 'flows', component: () => import('./FlowsPage.vue'), meta },
  { path: 'flows/:id', component: () => import('./FlowPage.vue'), meta: { words: ['flows', 'thread'], deep: true } },
]
