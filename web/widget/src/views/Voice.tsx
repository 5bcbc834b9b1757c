import { t } from '../app/i18n'
import { Icon, up } from '../ui/icons'
import { forget, mine } from '../app/mine'

const LONGEST = 120
interface State { secs: number; refused?: boolean; stop(send: boolean): void; done?(b?: Blob, ms?: number): void }

async function record(f: () => State, set: (c: Partial<State>) => void) {
  let send = false, began = 0, tick: ReturnType<typeof setInterval>
  const parts: Blob[] = []
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true }), r = new MediaRecorder(stream)
    r.ondataavailable = (e) => parts.push(e.data)
    r.onstop = () => {
      clearInterval(tick)
      stream.getTracks().forEach((x) => x.stop())
      const { done } = f()
      forget('voice')
      done?.(send ? new Blob(parts, { type: r.mimeType.split(';')[0] }) : undefined, Date.now() - began)
    }
    began = Date.now()
    r.start()
    set({ stop: (yes) => { send = yes; r.stop() } })
    tick = setInterval(() => { const secs = Math.floor((Date.now() - began) / 1e3); set({ secs }); if (secs >= LONGEST) f().stop(true) }, 500)
  } catch {
    set({ refused: true })
  }
}

/** Records until told to send or to drop it; two minutes at most. */
export function Voice({ onDone }: { onDone(b?: Blob, ms?: number): void }) {
  const [f]: [State, unknown] = mine<State>('voice', { secs: 0, stop: () => { forget('voice'); onDone() } }, (set) => void record(() => f, set))
  f.done = onDone
  return (
    <div class="box rec" role="status">
      {f.refused ? <span class="sp">{t('no_mic')}</span> : <><i class="live-dot" /><span class="sp num">{t('recording', { time: `${Math.floor(f.secs / 60)}:${String(f.secs % 60).padStart(2, '0')}` })}</span></>}
      <button class="btn plain" onClick={() => f.stop(false)}>{t(f.refused ? 'close_short' : 'discard')}</button>
      {!f.refused && <button class="send" aria-label={t('send')} onClick={() => f.stop(true)}><Icon d={up} /></button>}
    </div>
  )
}
