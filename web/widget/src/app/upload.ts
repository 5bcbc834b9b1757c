import { type FileRef, refusal, Refused } from './wire'

/** Uploads one file. A plain request cannot report progress, hence the older interface. */
export function upload(blob: Blob, name: string, token: string, progress: (part: number) => void): Promise<FileRef> {
  return new Promise((ok, no) => {
    const form = new FormData()
    form.append('file', blob, name)
    const x = new XMLHttpRequest()
    x.open('POST', '/api/v1/client/uploads')
    x.setRequestHeader('authorization', 'Bearer ' + token)
    x.upload.onprogress = (e) => { if (e.lengthComputable) progress(e.loaded / e.total) }
    x.onload = () => {
      if (x.status >= 300) return no(refusal(x.status, x.responseText, x.getResponseHeader('retry-after')))
      try { ok(JSON.parse(x.responseText) as FileRef) } catch { no(new Refused(0)) }
    }
    x.onerror = x.ontimeout = x.onabort = () => no(new Refused(0))
    x.send(form)
  })
}

