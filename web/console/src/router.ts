import { createRouter, createWebHistory } from 'vue-router'
import { asProblem } from '@everdesk/client/api'
import { accountRoutes, doorRoutes } from './account/routes'
import { customerRoutes } from './customers/routes'
import { flowRoutes } from './flows/routes'
import { inboxRoutes } from './inbox/routes'
import { knowledgeRoutes } from './knowledge/routes'
import { settingsRoutes } from './settings/routes'
import { loadWords } from './shell/i18n'
import { useSession } from './shell/session'
import { ticketRoutes } from './tickets/routes'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...doorRoutes,
    {
      path: '/',
      component: () => import('./shell/Shell.vue'),
      meta: { inside: true },
      children: [
        { path: '', redirect: '/inbox/mine' },
        { path: 'more', component: () => import('./shell/MorePage.vue') },
        ...inboxRoutes,
        ...ticketRoutes,
        ...customerRoutes,
        ...knowledgeRoutes,
        ...flowRoutes,
        ...settingsRoutes,
        ...accountRoutes,
      ],
    },
    { path: '/:rest(.*)*', component: () => import('./shell/NotFound.vue') },
  ],
})

declare module 'vue-router' {
  interface RouteMeta {
    /** For signed-in people. */
    inside?: boolean
    /** Locale files the page needs. */
    words?: string[]
    /** A phone shows it without the tab bar. */
    deep?: boolean
  }
}

router.beforeEach(async (to) => {
  const session = useSession()
  const words = loadWords([...new Set(to.matched.flatMap((record) => record.meta.words ?? []))])
  if (to.meta.inside && !session.session) {
    try {
      await session.load()
    } catch (error) {
      await words
      const problem = asProblem(error)
      if (problem.status === 401) return { path: '/sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
      await loadWords(['account'])
      return { path: '/unreachable', query: { to: to.fullPath } }
    }
  }
  await words
  return true
})
