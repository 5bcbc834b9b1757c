import { readProblem, unreachable } from './problem'
import type { FileRef, Import } from './types'

/** Sends a file by multipart and reports the share sent, 0 to 1. */
function send<T>(url: string, file: File, fields: Record<string, string>, onProgress: (share: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T)
      else reject(readProblem(request.status, request.responseText, request.getResponseHeader('X-Request-Id') ?? ''))
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new DOMException('given up', 'AbortError'))
    signal?.addEventListener('abort', () => request.abort(), { once: true })
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', file)
    request.send(form)
  })
}

export const uploadFile = (file: File, onProgress: (share: number) => void, signal?: AbortSignal) =>
  send<FileRef>('/api/v1/uploads', file, {}, onProgress, signal)

export const importKnowledge = (file: File, locale: string, onProgress: (share: number) => void) =>
  send<Import>('/api/v1/knowledge/imports', file, { locale }, onProgress)
