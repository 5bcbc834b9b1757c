export interface Part {
  text: string
  href?: string
}

const link = /\bhttps?:\/\/[^\s<>"'，。；：！？（）「」、]+[^\s<>"'，。；：！？（）「」、.,;:!?)]/g

/** Splits text at its web links, which alone become clickable. */
export function linked(text: string): Part[] {
  const parts: Part[] = []
  let from = 0
  for (const match of text.matchAll(link)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index) })
    parts.push({ text: match[0], href: match[0] })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from) })
  return parts
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
