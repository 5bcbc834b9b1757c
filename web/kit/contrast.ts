/** WCAG 2 contrast of two #rrggbb colours, 1 to 21; 0 when either is not a colour. */
export function contrast(one: string, other: string): number {
  const a = luminance(one)
  const b = luminance(other)
  if (a === undefined || b === undefined) return 0
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(colour: string): number | undefined {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour)
  if (!match) return undefined
  const [r = 0, g = 0, b = 0] = match.slice(1).map((pair) => {
    const part = parseInt(pair, 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
