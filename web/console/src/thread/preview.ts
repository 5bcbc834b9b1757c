import type { Body } from '@everdesk/client/types'

/** The words of a body, for quotes, the clipboard and notifications. */
export function plain(body: Body): string {
  switch (body.type) {
    case 'text':
    case 'answer':
    case 'choices':
      return body.text
    case 'image':
    case 'file':
    case 'audio':
    case 'video':
      return body.caption || body.file.name
    case 'card':
    case 'steps':
      return body.title
    case 'location':
      return body.label
    case 'form':
      return Object.values(body.values ?? {}).join(', ') || body.form
    case 'rating':
      return body.comment ?? String(body.score)
    default:
      return ''
  }
}
