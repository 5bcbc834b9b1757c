import type { RouteRecordRaw } from 'vue-router'

export const knowledgeRoutes: RouteRecordRaw[] = [
  { path: 'knowledge', component: () => import('./KnowledgePage.vue'), meta: { words: ['knowledge'] } },
  { path: 'knowledge/new', component: () => import('./ArticlePage.vue'), meta: { words: ['knowledge'], deep: true } },
  { path: 'knowledge/:id', component: () => import('./ArticlePage.vue'), meta: { words: ['knowledge'] } },
]
