import { ears, line } from '../app/sync'
import { t } from '../app/i18n'
import { s } from '../app/state'
import { Icon, up } from './icons'
import { talk } from './parts'

const Tools = talk((m) => m.Tools)
const Tool = talk((m) => m.Tool)

const drafts = new Map<string, string>()

export function Composer({ id, onText, hint }: { id: string; onText(text: string): void; hint: string }) {
  let box: HTMLTextAreaElement
  const grow = () => {
    drafts.set(id, box.value)
    box.style.height = 'auto'
    box.style.height = box.scrollHeight + 'px'
  }
  const insert = (text: string) => { box.setRangeText(text, box.selectionStart, box.selectionEnd, 'end'); grow(); box.focus() }
  const submit = (e: Event) => {
    e.preventDefault()
    const words = box.value.trim()
    if (words) onText(words)
    box.value = ''
    grow()
    box.focus()
  }
  return (
    <div class="w-c">
      {s.tool && <Tool id={id} insert={insert} />}
      <form class="box" hidden={s.tool === 'voice'} onSubmit={submit}>
        <textarea
          ref={(b) => { if (b) { box = b; b.value ||= drafts.get(id) ?? '' } }} rows={1} dir="auto" placeholder={hint} aria-label={hint} enterkeyhint="send" maxLength={8000}
          onInput={() => { grow(); if (box.value) ears?.typing(id, box.value.length) }}
          onPaste={(e) => { const f = e.clipboardData!.files; if (f[0]) { e.preventDefault(); void line().then((l) => l.files(id, f)) } }}
          onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing && e.keyCode !== 229) submit(e) }}
        />
        <Tools id={id} />
        <button class="send" aria-label={t('send')}><Icon d={up} /></button>
      </form>
    </div>
  )
}
