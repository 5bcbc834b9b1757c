// Builds the widget with the bundler Vite uses, but without Vite's own runtime in the output: the app
// in few parts with hashed names, then its worker (which must know those names), then the loader.
// Nothing is inlined into a page, so `script-src 'self'` is enough.
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transform } from 'lightningcss'
import { build } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = root + 'dist/'

// Rules travel as text and are worn as constructed sheets.
const sheets = {
  name: 'sheets',
  resolveId: (id, from) => (id.endsWith('.css?inline') ? fileURLToPath(new URL(id.slice(0, -7), `file://${from}`)) : null),
  async load(id) {
    if (!id.endsWith('.css')) return null
    const { code } = transform({ filename: id, code: await readFile(id), minify: true })
    return { code: `export default ${JSON.stringify(code.toString())}`, moduleType: 'js' }
  },
}

// Words travel as one object, not as a name for each.
const words = {
  name: 'words',
  async load(id) {
    if (!id.endsWith('.json')) return null
    return { code: `export default ${JSON.stringify(JSON.parse(await readFile(id, 'utf8')))}`, moduleType: 'js' }
  },
}

const common = { platform: 'browser', logLevel: 'warn', plugins: [sheets, words], transform: { target: 'es2022', jsx: { runtime: 'automatic', importSource: 'preact', pure: false } }, tsconfig: false, resolve: { alias: { 'preact/jsx-runtime': root + 'src/ui/jsx.ts' } } }

// Everything the first screen needs is one file, whatever else uses it.
const FIRST = /preact(?!.*hooks)|src\/(main|ui\/(?!glyphs)|app\/(wire|db|outbox|state|sync|send|i18n|host)\.|style\/core)/

// What both lazy groups use is one file more, not several.
const SHARED = /src\/(app\/|ui\/|views\/(Row|Face|Text|Rich|Contact|fields|frame|words|Promised|said|markdown)|style\/(said|rich|forms|article))/

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })

const { output } = await build({
  ...common,
  input: { app: root + 'src/main.tsx' },
  output: {
    dir: out, format: 'es', minify: true, entryFileNames: 'assets/[name]-[hash].js', chunkFileNames: 'assets/[name]-[hash].js',
    codeSplitting: { groups: [{ name: 'first', test: FIRST }, { name: 'shared', test: SHARED }] },
  },
})
const files = output.map((o) => o.fileName)
const entry = output.find((o) => o.isEntry)

// One language is loaded, the one that is spoken; the worker keeps it when it comes by.
const parts = ['/w/icon.svg', ...files.filter((f) => !/assets\/(core|more)\./.test(f)).map((f) => '/w/' + f)]
const single = (file, input, define = {}) => build({ ...common, input, transform: { ...common.transform, define }, output: { file: out + file, format: 'iife', minify: true } })
await single('sw.js', root + 'src/sw.ts', { __PARTS__: JSON.stringify(parts) })
await single('loader.js', root + 'src/loader.ts')

// A page of its own asks for its host part at once; saying so early saves a round.
const alone = output.find((o) => o.facadeModuleId?.endsWith('src/app/page.ts'))
for (const [page, needs] of [['index', entry.imports], ['h5', new Set([...entry.imports, alone.fileName, ...alone.imports])]]) {
  const html = await readFile(`${root}pages/${page}.html`, 'utf8')
  const also = [...needs].filter((f) => f !== entry.fileName).map((f) => `<link rel="modulepreload" href="/w/${f}">\n`).join('')
  await writeFile(`${out}${page}.html`, html.replace('<script type="module" src="%ENTRY%">', `${also}<script type="module" src="/w/${entry.fileName}">`))
}
for (const file of await readdir(root + 'public')) await copyFile(`${root}public/${file}`, out + file)
await writeFile(out + 'parts.json', JSON.stringify({ first: [entry.fileName, ...entry.imports], all: files }))
