import { t } from '../app/i18n'
import { say } from '../app/send'
import type { Body, FileRef, RichBody } from '../app/wire'
import { page, pin } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { wear } from '../ui/parts'
import { mine } from '../app/mine'
import { Text } from './Text'
import css from '../style/rich.css?inline'

wear(css)

export const size = (n: number) => (n < 1e6 ? `${Math.max(1, Math.round(n / 1e3))} KB` : `${(n / 1e6).toFixed(1)} MB`)

interface Props { b: RichBody; cls: string; id: string; live?: boolean; blob?: Blob; part?: number }

const urls = new WeakMap<Blob, string>()

/** The bytes we are about to send, shown from here. */
function local(blob?: Blob) {
  if (blob && !urls.has(blob)) urls.set(blob, URL.createObjectURL(blob))
  return blob ? urls.get(blob) : undefined
}

function File({ b, cls, blob, part }: Props & { b: RichBody & { file: FileRef; caption?: string } }) {
  const here = local(blob), f = b.file, src = here ?? f.url
  const bar = part !== undefined && <progress class="bar" max={1} value={part} aria-label={t('uploading')} />
  if (b.type === 'image' && src) return <figure class={'m pic ' + cls}><a href={here ? undefined : f.url} target="_blank" rel="noopener noreferrer"><img src={here ?? f.thumbnail_url ?? f.url} alt={b.caption || f.name} width={f.width} height={f.height} /></a>{b.caption && <figcaption><Text text={b.caption} /></figcaption>}{bar}</figure>
  if (b.type === 'audio' && src) return <div class={'m ' + cls}><audio controls preload="metadata" src={src} aria-label={f.name} />{bar}</div>
  if (b.type === 'video' && src) return <div class={'m pic ' + cls}><video controls preload="metadata" src={src} aria-label={f.name} />{bar}</div>
  return <div class={'m doc ' + cls}><Icon d={page} /><span class="sp">{src && !here ? <a class="cut" href={src} target="_blank" rel="noopener noreferrer" download={f.name}>{f.name}</a> : <span class="cut">{f.name}</span>}<span class="sub">{size(f.size)}</span></span>{bar}</div>
}

function Steps({ b, cls, id }: Props & { b: RichBody & { type: 'steps' } }) {
  const [{ n }, set] = mine('steps' + id + b.title, { n: 0 })
  const step = b.steps[n]
  return (
    <div class={'card flat stepped ' + cls}>
      {step?.image_url && <img src={step.image_url} alt="" />}
      <div class="in">
        <div class="fx sm muted"><span class="cut">{b.title}</span><span class="sp" /><span class="num">{t('step_of', { n: n + 1, of: b.steps.length })}</span></div>
        <p aria-live="polite">{step?.text}</p>
        <div class="fx"><button class="btn" disabled={!n} onClick={() => set({ n: n - 1 })}>{t('step_back')}</button><button class="btn pri" disabled={n + 1 >= b.steps.length} onClick={() => set({ n: n + 1 })}>{t('step_next')}</button></div>
      </div>
    </div>
  )
}

function Form({ b, id, live }: Props & { b: RichBody & { type: 'form' } }) {
  const [{ v }] = mine('form' + id + b.form, { v: { ...b.values } as Record<string, string> })
  const done = !!b.values || !live
  const send = (e: Event) => {
    e.preventDefault()
    void say(id, b.fields.map((f) => `${f.label}: ${v[f.name] ?? ''}`).join('\n'))
  }
  return (
    <form class="card pad asked" onSubmit={send}>
      {b.fields.map((f) => (
        <label key={f.name}><span>{f.label}</span>
          {f.options ? <select class="inp" disabled={done} required={f.required} value={v[f.name] ?? ''} onChange={(e) => { v[f.name] = e.currentTarget.value }}><option value="" />{f.options.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}</select>
            : <input class="inp" type={(f.type ?? 'text') as 'text'} disabled={done} required={f.required} value={v[f.name] ?? ''} onInput={(e) => { v[f.name] = e.currentTarget.value }} />}
        </label>
      ))}
      {!done && <button class="btn pri">{t('submit')}</button>}
    </form>
  )
}

/** Everything a message may hold besides plain words. */
export function Rich(p: Omit<Props, 'b'> & { b: Body }) {
  const { id, live, cls } = p, b = p.b as RichBody
  switch (b.type) {
    case 'card': return (
      <div class="card flat stepped">
        {b.image_url && <img src={b.image_url} alt="" />}
        <div class="in"><b class="m5">{b.title}</b>{b.text && <p class="muted"><Text text={b.text} /></p>}</div>
        <div class="acts">{b.buttons.map((x) => (x.action === 'link' ? <a key={x.label} href={/^https?:/.test(x.value) ? x.value : undefined} target="_blank" rel="noopener noreferrer">{x.label}</a> : <button key={x.label} disabled={!live} onClick={() => void say(id, x.value)}>{x.label}</button>))}</div>
      </div>
    )
    case 'steps': return <Steps {...p} b={b} />
    case 'form': return <Form {...p} b={b} />
    case 'location': return <a class={'m doc ' + cls} href={`https://www.openstreetmap.org/?mlat=${b.lat}&mlon=${b.lon}#map=16/${b.lat}/${b.lon}`} target="_blank" rel="noopener noreferrer"><Icon d={pin} /><span class="sp"><span class="cut">{b.label}</span></span></a>
    default: return <File {...p} b={b} />
  }
}
