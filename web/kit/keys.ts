import { nextTick, onScopeDispose, shallowReactive } from 'vue'

/**
 * A thing a person can do by key or by palette. One registry feeds both, so a
 * key that works is a key that is listed.
 *
 * keys: "mod+k", "shift+e", "j", "?"; mod is ⌘ on a Mac and Ctrl elsewhere.
 * Commands with "mod" work while typing, single keys do not.
 */
export interface Command {
  id: string
  group: string
  label: () => string
  keys?: string
  /** More words by which the palette finds it. */
  words?: string
  when?: () => boolean
  /** Listed on the shortcut sheet only (moving in a list, sending). */
  sheetOnly?: boolean
  run: () => void
}

export const commands = shallowReactive(new Map<string, Command>())

/** A press with "mod" that meant nothing yet, because the page that knows it was still on its way. */
let missed: { text: string; at: number } | undefined
/** How long, in ms, such a press is remembered. */
const patience = 1500

/** Registers commands for the life of the calling component; one that was already asked for runs. */
export function useCommands(...list: Command[]): void {
  for (const command of list) {
    commands.set(command.id, command)
    if (command.keys !== missed?.text || command.sheetOnly) continue
    const late = Date.now() - (missed?.at ?? 0) > patience
    missed = undefined
    // Its page is being set up; it runs once that is done.
    if (!late) void nextTick(() => commands.get(command.id) === command && command.when?.() !== false && command.run())
  }
  onScopeDispose(() => {
    // A successor may have registered the same id before this one went.
    for (const command of list) if (commands.get(command.id) === command) commands.delete(command.id)
  })
}

export interface Press {
  key: string
  metaKey: boolean
  ctrlKey: boolean
  altKey: boolean
  shiftKey: boolean
  isComposing: boolean
}

/** The text a press is registered under; empty while an IME composes. */
export function pressed(press: Press): string {
  if (press.isComposing || press.key === 'Process' || press.key === 'Dead') return ''
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key
  const parts: string[] = []
  if (press.metaKey || press.ctrlKey) parts.push('mod')
  if (press.altKey) parts.push('alt')
  // "?" already says that shift was down.
  if (press.shiftKey && (key.length > 1 || /[a-z0-9]/.test(key))) parts.push('shift')
  parts.push(key.toLowerCase())
  return parts.join('+')
}

/** The command a press means now, given what is focused. */
export function find(text: string, typing: boolean, from: Iterable<Command> = commands.values()): Command | undefined {
  if (!text) return undefined
  for (const command of from) {
    if (command.keys !== text) continue
    if (typing && !text.startsWith('mod+')) continue
    if (command.sheetOnly || command.when?.() === false) continue
    return command
  }
  return undefined
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** Listens until the returned function is called. */
export function listen(on: Window): () => void {
  const handle = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return
    // An open dialog or menu has the keyboard to itself, but for mod keys.
    const text = pressed(event)
    const boxed = event.target instanceof HTMLElement && !!event.target.closest('[role=dialog],[role=menu]')
    const command = find(text, isTyping(event.target) || boxed)
    missed = !command && text.startsWith('mod+') ? { text, at: Date.now() } : undefined
    if (!command) return
    event.preventDefault()
    // A key held down asks once.
    if (!event.repeat || /^(j|k|arrow)/.test(text)) command.run()
  }
  on.addEventListener('keydown', handle)
  return () => on.removeEventListener('keydown', handle)
}

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

const glyphs: Record<string, string> = {
  mod: mac ? '⌘' : 'Ctrl',
  alt: mac ? '⌥' : 'Alt',
  shift: '⇧',
  enter: '↵',
  escape: 'Esc',
  tab: '⇥',
  arrowup: '↑',
  arrowdown: '↓',
}

/** How keys are written on screen: "⌘K", "Ctrl+K", "⇧E". */
export function showKeys(keys: string): string {
  return keys
    .split('+')
    .map((part) => glyphs[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(mac ? '' : '+')
    .replace('⇧+', '⇧')
}
