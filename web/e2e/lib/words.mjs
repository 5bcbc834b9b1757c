// What the pages say, read from their own catalogues, so that a journey breaks
// when a screen does and not when a word is chosen better.
import { readFileSync } from 'node:fs'
import path from 'node:path'

const web = path.resolve(import.meta.dirname, '../..')
const read = (file) => JSON.parse(readFileSync(path.join(web, file), 'utf8'))
const find = (tree, key) => key.split('.').reduce((at, part) => at?.[part], tree)
const fill = (text, facts = {}) => text.replace(/\{(\w+)\}/g, (all, name) => facts[name] ?? all)

/** The console's words: say('inbox.take'). */
export function consoleSays(tag) {
  const files = {}
  return (key, facts) => {
    const [file, ...rest] = key.split('.')
    const text = find((files[file] ??= read(`console/locales/${tag}/${file}.json`)), rest.join('.'))
    if (text === undefined) throw new Error(`the console has no words ${key}`)
    return fill(text, facts)
  }
}

/** The widget's words: say('person'). */
export function widgetSays(tag) {
  const all = { ...read(`widget/src/locales/core.${tag}.json`), ...read(`widget/src/locales/more.${tag}.json`) }
  return (key, facts) => {
    if (!(key in all)) throw new Error(`the widget has no words ${key}`)
    return fill(all[key], facts)
  }
}
