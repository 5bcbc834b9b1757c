import { attach } from '../app/attach'
import { t } from '../app/i18n'
import { emit, s } from '../app/state'
import { clip, mic, smile } from '../ui/glyphs'
import { IconButton } from '../ui/parts'
import { Emoji } from './Emoji'
import { Voice } from './Voice'

export const files = (id: string, list: FileList) => { for (const f of list) void attach(id, f, f.name) }

const tool = (name?: typeof s.tool) => { s.tool = s.tool === name ? undefined : name; emit() }

/** What opens above the text field. */
export function Tool({ id, insert }: { id: string; insert(text: string): void }) {
  if (s.tool === 'emoji') return <Emoji onPick={(e) => { tool(); insert(e) }} onClose={tool} />
  if (s.tool === 'voice') return <Voice onDone={(b, ms) => { tool(); if (b) void attach(id, b, t('voice') + (/mp4/.test(b.type) ? '.m4a' : '.webm'), ms) }} />
  return null
}

/** The buttons beside the text field. */
export function Tools({ id }: { id: string }) {
  let file: HTMLInputElement
  return (
    <>
      <input ref={(f) => { if (f) file = f }} type="file" multiple hidden onChange={() => { files(id, file.files!); file.value = '' }} />
      <IconButton d={smile} label={t('emoji')} onClick={() => tool('emoji')} />
      <IconButton d={clip} label={t('attach')} onClick={() => file.click()} />
      {'MediaRecorder' in window && <IconButton d={mic} label={t('voice')} cls="mic" onClick={() => tool('voice')} />}
    </>
  )
}
