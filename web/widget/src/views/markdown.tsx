import type { ComponentChildren, VNode } from 'preact'
import { wear } from '../ui/parts'
import css from '../style/article.css?inline'

wear(css)

const SAFE = /^(https?:|mailto:|tel:|\/)/i

function inline(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = []
  let rest = text
  for (let m; (m = /\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|`([^`]+)`|!?\[([^\]]*)\]\(([^)\s]+)\)/.exec(rest)); rest = rest.slice(m.index + m[0].length)) {
    out.push(rest.slice(0, m.index))
    if (m[1]) out.push(<b>{inline(m[1])}</b>)
    else if (m[2]) out.push(<em>{m[2]}</em>)
    else if (m[3]) out.push(<code>{m[3]}</code>)
    else if (!SAFE.test(m[5]!)) out.push(m[4])
    else if (m[0][0] === '!') out.push(<img src={m[5]} alt={m[4]} loading="lazy" />)
    else out.push(<a class="link" href={m[5]} target="_blank" rel="noopener noreferrer">{m[4]}</a>)
  }
  return [...out, rest]
}

/** The part of Markdown our articles use, as elements; markup in the text stays text. */
export function Markdown({ text }: { text: string }) {
  const out: VNode[] = []
  const rows = text.replace(/\r/g, '').split('\n')
  for (let i = 0; i < rows.length;) {
    const row = rows[i]!, head = /^(#{1,4}) +(.*)/.exec(row), list = /^\s*([-*+]|\d+[.)]) +/
    if (!row.trim()) i++
    else if (head) { out.push(<h2>{inline(head[2]!)}</h2>); i++ }
    else if (list.test(row)) {
      const items: VNode[] = [], numbered = /^\s*\d/.test(row)
      for (; i < rows.length && list.test(rows[i]!); i++) items.push(<li>{inline(rows[i]!.replace(list, ''))}</li>)
      out.push(numbered ? <ol>{items}</ol> : <ul>{items}</ul>)
    } else if (row.startsWith('>')) {
      const quote: string[] = []
      for (; i < rows.length && rows[i]!.startsWith('>'); i++) quote.push(rows[i]!.replace(/^> ?/, ''))
      out.push(<blockquote>{inline(quote.join(' '))}</blockquote>)
    } else {
      const para: ComponentChildren[] = []
      for (; i < rows.length && rows[i]!.trim() && !/^(#{1,4} |>)/.test(rows[i]!) && !list.test(rows[i]!); i++) para.push(para.length > 0 && <br />, ...inline(rows[i]!))
      out.push(<p>{para}</p>)
    }
  }
  return <div class="art">{out}</div>
}
