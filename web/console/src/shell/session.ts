import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { onSignedOut } from '@everdesk/client/api'
import { readSession, signOut as endSession } from '@everdesk/client/people'
import type { Session } from '@everdesk/client/types'
import { remember } from './prefs'

export const useSession = defineStore('session', () => {
  const session = ref<Session>()
  const me = computed(() => session.value?.staff)

  /** Asks the server who is here; rejects with a Problem, 401 when nobody is. */
  async function load(): Promise<Session> {
    const found = await readSession()
    session.value = found
    remember('signed_in', '1')
    return found
  }

  function forget(): void {
    session.value = undefined
    remember('signed_in', null)
  }

  async function signOut(): Promise<void> {
    await endSession()
    forget()
  }

  const can = (permission: string): boolean => {
    const held = session.value?.permissions ?? []
    return held.includes(permission) || held.includes('*')
  }

  return { session, me, load, forget, signOut, can, onSignedOut }
})
