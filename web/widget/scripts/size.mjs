// The widget's weight, as a browser pays for it: gzipped bytes of what the first screen needs, and
// of everything. Fails when a promise is broken.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const print = (...words) => process.stdout.write(words.join(' ') + '\n')
const FIRST = 15 * 1024, WHOLE = 40 * 1024, LOADER = 2 * 1024
const dist = new URL('../dist/', import.meta.url)
const gz = (name) => gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length
// The build wrote down which files the page asks for at once, and which it may ask for later.
const { first, all: assets } = JSON.parse(readFileSync(new URL('parts.json', dist), 'utf8'))

// One language is loaded: the heavier one is counted, the other left out.
const spoken = (part) => assets.filter((f) => f.startsWith(`assets/${part}.`)).sort((a, b) => gz(b) - gz(a))
const start = ['loader.js', 'index.html', ...first, spoken('core')[0]]
const all = ['loader.js', 'index.html', 'sw.js', ...assets.filter((f) => ![spoken('core')[1], spoken('more')[1]].includes(f))]
const sum = (files) => files.reduce((n, f) => n + gz(f), 0)

for (const f of all) print(String(gz(f)).padStart(7), start.includes(f) ? '*' : ' ', f)
let over = false
for (const [what, is, most] of [['loader', gz('loader.js'), LOADER], ['first load (*)', sum(start), FIRST], ['whole widget', sum(all), WHOLE]]) {
  print(`${what}: ${is} of ${most} bytes gzipped${is > most ? ': over' : ''}`)
  over ||= is > most
}
process.exitCode = over ? 1 : 0
