// Pictures of every screen in both languages, both themes, wide and at 390 px,
// for a person to look at: `make screens`. Nothing here is a test, but what a
// machine can see it tells: content wider than its screen, axe-core's serious
// findings, errors in the page. Parts and scenes can be chosen:
//
//   node web/e2e/screens.mjs [--only TEXT] [--variant zh-CN-dark-390] [part...]
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { barriers } from './lib/axe.mjs'
import { launch } from './lib/browser.mjs'
import { Desk, people, signIn } from './lib/desk.mjs'
import { consoleParts } from './screens/console.mjs'
import { doorParts, leave } from './screens/doors.mjs'
import { furnish } from './screens/furnish.mjs'
import { shopParts } from './screens/shop.mjs'
import { contactSheets } from './screens/sheets.mjs'
import { widgetParts } from './screens/widget.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, variant: { type: 'string', default: '' }, out: { type: 'string' }, keep: { type: 'boolean' } },
})
const out = path.resolve(values.out ?? path.join(import.meta.dirname, 'pictures'))
const parts = [...consoleParts, ...doorParts, ...shopParts, ...widgetParts]
const wanted = parts.filter((part) => positionals.length === 0 || positionals.includes(part.name))

const variants = ['zh-CN', 'en'].flatMap((locale) => [1440, 390].flatMap((width) => ['light', 'dark'].map((theme) => ({
  locale, theme, width, height: width === 390 ? 844 : 900, name: `${locale}-${theme}-${width}`,
})))).filter((one) => one.name.includes(values.variant))

if (!values.keep) await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
const [desk, browser] = await Promise.all([Desk.demo({ args: ['--quiet'] }), launch()])
const notes = []
let world
let taken = 0

/** What a picture does not show by itself. */
async function check(name, frame) {
  const wide = await frame.evaluate(() => {
    const page = document.scrollingElement
    return page.scrollWidth > page.clientWidth + 1 ? `${page.scrollWidth} px wide in ${page.clientWidth}` : ''
  })
  if (wide) notes.push(`${name}: ${wide}`)
  for (const one of await barriers(frame)) notes.push(`${name}: ${one}`)
}

/** Runs the scenes of one part in one variant, in their order; one that fails is told and left out. */
async function walk(part, variant, world) {
  const { locale, theme, width, height } = variant
  const context = await browser.newContext({ locale, colorScheme: theme, viewport: { width, height }, hasTouch: width === 390, reducedMotion: 'reduce', permissions: ['clipboard-write'] })
  context.setDefaultTimeout(8000)
  context.on('weberror', (error) => notes.push(`${part.name} ${variant.name}: ${error.error().stack}`))
  const page = await context.newPage()
  const stage = { ...world, browser, context, page, variant, phone: width === 390, desk }
  try {
    await part.open?.(stage)
    for (const [scene, act] of Object.entries(part.scenes)) {
      const name = `${part.name}-${scene}`
      try {
        const frame = (await act(stage)) ?? stage.page
        if (!name.includes(values.only)) continue
        await check(`${name} ${variant.name}`, frame)
        await stage.page.screenshot({ path: path.join(out, `${name}.${variant.name}.png`) })
        taken++
      } catch (error) {
        notes.push(`${name} ${variant.name}: ${String(error).split('\n').slice(0, 3).join(' ')}`)
      }
    }
  } catch (error) {
    notes.push(`${part.name} ${variant.name}: ${String(error).split('\n').slice(0, 3).join(' ')}`)
  } finally {
    await part.close?.(stage)
    await context.close()
  }
}

try {
  const owner = await signIn(desk, people.owner)
  world = { owner, ...(await furnish(desk, owner)) }
  for (const part of wanted)
    for (const locale of ['zh-CN', 'en']) {
      const its = variants.filter((one) => one.locale === locale)
      if (its.length === 0) continue
      // The language is the account's: it changes for everybody who is signed in with it.
      await owner.ok('PATCH', '/me', { locale })
      await part.before?.(world)
      if (part.alone) for (const variant of its) await walk(part, variant, world)
      else for (let i = 0; i < its.length; i += 2) await Promise.all(its.slice(i, i + 2).map((variant) => walk(part, variant, world)))
    }
  await contactSheets(browser, out)
} finally {
  await browser.close()
  await Promise.all([desk.stop(), world && leave(world)])
}
for (const note of [...new Set(notes)]) console.log(note)
console.log(`${taken} pictures in ${out}, ${new Set(notes).size} remarks`)
