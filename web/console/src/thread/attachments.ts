import { computed, shallowRef } from 'vue'
import { asProblem, type Problem } from '@everdesk/client/api'
import { uploadFile } from '@everdesk/client/upload'
import type { Body, FileRef } from '@everdesk/client/types'

export interface Attachment {
  key: number
  file: File
  share: number
  done?: FileRef
  problem?: Problem
  stop: () => void
}

let keys = 0

/** How the desk shows a file follows from what the server found it to be. */
export function bodyOf(file: FileRef): Body {
  const family = file.media_type.split('/')[0]
  return { type: family === 'image' || family === 'audio' || family === 'video' ? family : 'file', file }
}

/** Files on their way up, in the order they were added. */
export function useAttachments() {
  const list = shallowRef<Attachment[]>([])

  const change = (key: number, to: Partial<Attachment>) => {
    list.value = list.value.map((one) => (one.key === key ? { ...one, ...to } : one))
  }

  async function upload(key: number, file: File, signal: AbortSignal): Promise<void> {
    try {
      change(key, { done: await uploadFile(file, (share) => change(key, { share }), signal), share: 1 })
    } catch (error) {
      if (!signal.aborted) change(key, { problem: asProblem(error) })
    }
  }

  function add(files: File[]): void {
    for (const file of files) {
      const key = ++keys
      const stop = new AbortController()
      list.value = [...list.value, { key, file, share: 0, stop: () => stop.abort() }]
      void upload(key, file, stop.signal)
    }
  }

  function remove(key: number): void {
    list.value.find((one) => one.key === key)?.stop()
    list.value = list.value.filter((one) => one.key !== key)
  }

  function retry(key: number): void {
    const one = list.value.find((each) => each.key === key)
    if (!one) return
    remove(key)
    add([one.file])
  }

  function clear(): void {
    for (const one of list.value) if (!one.done) one.stop()
    list.value = []
  }

  const ready = computed<Body[]>(() => list.value.flatMap((one) => (one.done ? [bodyOf(one.done)] : [])))
  const busy = computed(() => list.value.some((one) => !one.done && !one.problem))
  return { list, ready, busy, add, remove, retry, clear }
}
