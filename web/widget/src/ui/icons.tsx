// Strokes on a 24 px grid, drawn with the current colour. Only what the first screen needs; views
// bring their own.
export const back = 'm15 18-6-6 6-6'
export const min = 'M5 12h14'
export const bot = 'M12 8V4H8M6 8h12q2 0 2 2v8q0 2-2 2H6q-2 0-2-2v-8q0-2 2-2zM2 14h2M20 14h2M15 13v2M9 13v2'
export const human = 'M4 18v-6a8 8 0 0 1 16 0v6M4 13h3v6H4zM17 13h3v6h-3zM20 19q0 3-5 3'
export const up = 'm5 12 7-7 7 7M12 19V5'
export const chats = 'M4 16.5A9 9 0 1 1 7.5 20L3 21z'

export const Icon = ({ d, n = 18 }: { d: string; n?: number }) => (
  <svg class="i" width={n} height={n} viewBox="0 0 24 24" aria-hidden="true"><path d={d} /></svg>
)
