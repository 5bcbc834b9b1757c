import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { everything } from '@everdesk/client/api'
import { listStaff, listTeams } from '@everdesk/client/people'
import type { Frame, Present, Staff, Team } from '@everdesk/client/types'
import { useLive } from './live'

/** Colleagues and teams, read once and kept current by presence frames. */
export const usePeople = defineStore('people', () => {
  const staff = shallowRef<Staff[]>([])
  const teams = shallowRef<Team[]>([])
  const byId = computed(() => new Map(staff.value.map((one) => [one.id, one])))
  let reading: Promise<void> | undefined

  async function load(fresh = false): Promise<void> {
    if (fresh) reading = undefined
    reading ??= (async () => {
      const [people, groups] = await Promise.all([
        everything((cursor) => listStaff({ cursor })),
        everything((cursor) => listTeams({ cursor })),
      ])
      staff.value = people
      teams.value = groups
    })()
    try {
      await reading
    } catch (error) {
      reading = undefined
      throw error
    }
  }

  function setPresence(id: string, { load, ...presence }: Present): void {
    staff.value = staff.value.map((one) => (one.id === id ? { ...one, presence, load } : one))
  }

  useLive().listeners.add((frame: Frame) => {
    if (frame.type === 'presence') setPresence(frame.staff_id, frame.presence)
  })

  return { staff, teams, byId, load, setPresence }
})
