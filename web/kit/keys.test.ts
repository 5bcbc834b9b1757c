import { effectScope, nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commands, find, listen, pressed, useCommands, type Command, type Press } from './keys'

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key, metaKey: false, ctrlKey: false, altKey: false, shiftKey: false, isComposing: false, ...more,
})
const command = (more: Partial<Command>): Command => ({ id: 'x', group: 'g', label: () => 'X', run: () => undefined, ...more })

afterEach(() => commands.clear())

describe('a press', () => {
  it.each([
    ['a plain letter is itself', press('j'), 'j'],
    ['capitals say shift', press('E', { shiftKey: true }), 'shift+e'],
    ['⌘ and Ctrl are one key', press('k', { metaKey: true }), 'mod+k'],
    ['Ctrl too', press('k', { ctrlKey: true }), 'mod+k'],
    ['a question mark does not repeat its shift', press('?', { shiftKey: true }), '?'],
    ['named keys are lower case', press('Escape'), 'escape'],
    ['a composing IME swallows it', press('Enter', { isComposing: true }), ''],
    ['so does the Process key of old IMEs', press('Process'), ''],
  ])('%s', (_, given, want) => expect(pressed(given)).toBe(want))
})

describe('finding a command', () => {
  const single = command({ id: 'next', keys: 'j' })
  const mod = command({ id: 'palette', keys: 'mod+k' })

  it('takes single keys while nobody types', () => expect(find('j', false, [single, mod])).toBe(single))
  it('leaves single keys to a text box', () => expect(find('j', true, [single, mod])).toBeUndefined())
  it('takes ⌘ keys from a text box as well', () => expect(find('mod+k', true, [single, mod])).toBe(mod))
  it('passes over what does not apply now, to what does', () => {
    const other = command({ id: 'other', keys: 'e' })
    expect(find('e', false, [command({ keys: 'e', when: () => false }), other])).toBe(other)
  })
  it('never runs what is only listed', () => expect(find('mod+enter', false, [command({ keys: 'mod+enter', sheetOnly: true })])).toBeUndefined())
})

describe('the registry', () => {
  it('forgets commands with the component that brought them', () => {
    const scope = effectScope()
    scope.run(() => useCommands(command({ id: 'a' })))
    expect(commands.has('a')).toBe(true)
    scope.stop()
    expect(commands.has('a')).toBe(false)
  })
  it('keeps the successor when pages overlap for a moment', () => {
    const first = effectScope()
    const second = effectScope()
    first.run(() => useCommands(command({ id: 'save' })))
    const later = command({ id: 'save' })
    second.run(() => useCommands(later))
    first.stop()
    expect(commands.get('save')).toBe(later)
    second.stop()
  })
})

describe('a press that comes before its page', () => {
  let page: EventTarget
  const key = (more: Partial<Press> & { key: string; repeat?: boolean }) => page.dispatchEvent(Object.assign(new Event('keydown', { cancelable: true }), press(more.key, more)))
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('HTMLElement', class {})
    page = new EventTarget()
    listen(page as Window)
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  it('runs when the page is there', async () => {
    const run = vi.fn()
    key({ key: 'k', ctrlKey: true })
    effectScope().run(() => useCommands(command({ id: 'palette', keys: 'mod+k', run })))
    await nextTick()
    expect(run).toHaveBeenCalledTimes(1)
  })
  it('is forgotten after a while', async () => {
    const run = vi.fn()
    key({ key: 'k', ctrlKey: true })
    vi.advanceTimersByTime(2000)
    effectScope().run(() => useCommands(command({ id: 'palette', keys: 'mod+k', run })))
    await nextTick()
    expect(run).not.toHaveBeenCalled()
  })
  it('asks once while it is held down', () => {
    const run = vi.fn()
    effectScope().run(() => useCommands(command({ id: 'palette', keys: 'mod+k', run })))
    key({ key: 'k', ctrlKey: true })
    key({ key: 'k', ctrlKey: true, repeat: true })
    expect(run).toHaveBeenCalledTimes(1)
  })
  it('moves on while J is held down', () => {
    const run = vi.fn()
    effectScope().run(() => useCommands(command({ id: 'next', keys: 'j', run })))
    key({ key: 'j' })
    key({ key: 'j', repeat: true })
    expect(run).toHaveBeenCalledTimes(2)
  })
})
