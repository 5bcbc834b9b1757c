import type { RouteRecordRaw } from 'vue-router'

export const customerRoutes: RouteRecordRaw[] = []
