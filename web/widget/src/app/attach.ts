import { write } from './send'
import type { FileRef } from './wire'

/** Puts a file into the outbox: it is shown at once and uploaded when its turn comes. */
export function attach(conv: string, blob: Blob, name: string, ms?: number) {
  const type = (/^(image|audio|video)\//.exec(blob.type)?.[1] ?? 'file') as 'file'
  const file: FileRef = { id: '', name, size: blob.size, media_type: blob.type, url: '', duration_ms: ms }
  return write(conv, { type, file }, { blob, name })
}
