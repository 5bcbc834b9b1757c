// Debian's Chromium, one browser for a file of journeys, one context a person.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import { until } from './until.mjs'

/** Where pages of a journey that failed are kept. */
const evidence = process.env.EVERDESK_E2E_EVIDENCE ?? path.join(tmpdir(), 'everdesk-e2e-failed')

let here = []

// Playwright switches the storage of frames by site off, which every browser of
// today has: a widget in a frame lives on it where third-party cookies are
// blocked. The last such flag counts, so this is its list without that one.
const off = [
  'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay', 'MediaRouter', 'PaintHolding', 'AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints',
  'NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch',
]

export function launch() {
  return chromium.launch({
    executablePath: process.env.EVERDESK_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', `--disable-features=${off.join(',')}`,
    ],
  })
}

/**
 * A test whose people leave at its end. No page of theirs may have thrown; what
 * they saw when it failed is kept as pictures.
 */
export function journey(name, run) {
  return test(name, { timeout: 150_000 }, async (t) => {
    here = []
    try {
      await run(t)
    } catch (error) {
      await mkdir(evidence, { recursive: true })
      for (const [i, { context, errors }] of here.entries()) {
        for (const thrown of errors) t.diagnostic(thrown)
        for (const [j, page] of context.pages().entries()) {
          const file = path.join(evidence, `${name.replace(/\W+/g, '-').slice(0, 60)}-${i}${j}.png`)
          await page.screenshot({ path: file }).then(() => t.diagnostic(`see ${file}`), () => undefined)
        }
      }
      throw error
    } finally {
      await Promise.all(here.map(({ context }) => context.close().catch(() => undefined)))
    }
    assert.deepEqual(here.flatMap(({ errors }) => errors), [], 'what the pages threw')
  })
}

/** A fresh person: own cookies, own storage. */
export async function person(browser, { locale = 'zh-CN', theme = 'light', width = 1440, height = 900, ...rest } = {}) {
  const context = await browser.newContext({ locale, colorScheme: theme, viewport: { width, height }, ...rest })
  context.setDefaultTimeout(20_000)
  const errors = []
  context.on('weberror', (error) => errors.push(error.error().stack))
  // What a page's own policy refuses is a fault of the page.
  context.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy')) errors.push(message.text())
  })
  const someone = { context, page: await context.newPage(), errors }
  here.push(someone)
  return someone
}

/** A member of staff with the console open, their presence known to the desk. */
export async function atWork(browser, desk, who, { url = desk.url, view = 'mine', call, state = 'online', ...rest } = {}) {
  const someone = await person(browser, { locale: who.locale, ...rest })
  const { page } = someone
  await page.goto(`${url}/sign-in`)
  await page.evaluate(async ({ email, password }) => {
    await fetch('/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) })
  }, who)
  await page.goto(`${url}/inbox/${view}`)
  await page.locator('nav').first().waitFor()
  if (call) await until(async () => (await call.get('/me/presence')).state === state, `${who.name} is ${state}`)
  return someone
}
