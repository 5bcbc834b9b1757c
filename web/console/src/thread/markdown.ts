export type Inline = { kind: 'text' | 'strong' | 'em' | 'code'; text: string } | { kind: 'link'; text: string; href: string }

export type Block =
  | { kind: 'p' | 'h2' | 'h3' | 'quote'; inline: Inline[] }
  | { kind: 'ul' | 'ol'; items: Inline[][] }
  | { kind: 'pre'; text: string }

const span = /\*\*(.+?)\*\*|__(.+?)__|\*(.+?)\*|`(.+?)`|\[([^\]]+)\]\((https?:\/\/[^\s)]+|\/[^\s)]*)\)/g

function inlineOf(text: string): Inline[] {
  const parts: Inline[] = []
  let from = 0
  for (const match of text.matchAll(span)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) })
    const [all, strong, strong2, em, code, label, href] = match
    if (strong || strong2) parts.push({ kind: 'strong', text: strong ?? strong2 ?? '' })
    else if (em) parts.push({ kind: 'em', text: em })
    else if (code) parts.push({ kind: 'code', text: code })
    else parts.push({ kind: 'link', text: label ?? '', href: href ?? '' })
    from = match.index + all.length
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) })
  return parts
}

/**
 * Reads the Markdown that articles use: paragraphs, two levels of headings,
 * lists, quotes, code and links. The result is data, never HTML, so nothing an
 * article says can run.
 */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = []
  const lines = source.replace(/\r\n?/g, '\n').split('\n')
  let paragraph: string[] = []
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'p', inline: inlineOf(paragraph.join('\n')) })
    paragraph = []
  }
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const heading = /^(#{1,6})\s+(.*)/.exec(line)
    const item = /^\s*(?:([-*+])|\d+[.)])\s+(.*)/.exec(line)
    if (/^```/.test(line)) {
      flush()
      const code: string[] = []
      for (at++; at < lines.length && !/^```/.test(lines[at] ?? ''); at++) code.push(lines[at] ?? '')
      blocks.push({ kind: 'pre', text: code.join('\n') })
    } else if (line.trim() === '') flush()
    else if (heading) {
      flush()
      blocks.push({ kind: (heading[1] ?? '').length <= 2 ? 'h2' : 'h3', inline: inlineOf(heading[2] ?? '') })
    } else if (item) {
      flush()
      const kind = item[1] ? 'ul' : 'ol'
      const last = blocks.at(-1)
      // A blank line between items does not start another list.
      if (last?.kind === kind) last.items.push(inlineOf(item[2] ?? ''))
      else blocks.push({ kind, items: [inlineOf(item[2] ?? '')] })
    } else if (line.startsWith('>')) {
      flush()
      blocks.push({ kind: 'quote', inline: inlineOf(line.replace(/^>\s?/, '')) })
    } else paragraph.push(line)
  }
  flush()
  return blocks
}
