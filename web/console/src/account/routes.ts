import type { RouteRecordRaw } from 'vue-router'

const meta = { words: ['account'] }

/** Pages before sign-in. */
export const doorRoutes: RouteRecordRaw[] = [
  { path: '/sign-in', component: () => import('./SignInPage.vue'), meta },
  { path: '/forgot', component: () => import('./ForgotPage.vue'), meta },
  { path: '/reset/:token?', component: () => import('./ResetPage.vue'), meta },
  { path: '/invitation/:token?', alias: '/invite/:token?', component: () => import('./AcceptPage.vue'), meta },
  { path: '/setup/:token?', component: () => import('./SetupPage.vue'), meta },
  { path: '/unreachable', component: () => import('./UnreachablePage.vue'), meta },
]

export const accountRoutes: RouteRecordRaw[] = [{ path: 'profile', component: () => import('./ProfilePage.vue'), meta }]
