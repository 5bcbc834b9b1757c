// A shop of one page that embeds the widget of a desk.
import http from 'node:http'
import { until } from './until.mjs'

export class Shop {
  #server

  /** Opens a shop on localhost that the desk's owner allows to embed the widget. */
  static async open(desk, owner, { url = desk.url, change = {} } = {}) {
    const shop = new Shop()
    const { key, version, ...settings } = await owner.get('/channels/widget')
    shop.#server = http.createServer((request, response) => {
      const tongue = new URL(request.url, 'http://shop').searchParams.get('lang') ?? 'zh-CN'
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.end(`<!doctype html><html lang="${tongue}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Skylark</title>
<link rel="icon" href="data:,"><h1>Skylark</h1><p>Lamps and kettles.</p><script async src="${url}/w/loader.js" data-key="${key}"></script></html>`)
    })
    await new Promise((resolve) => shop.#server.listen(0, 'localhost', resolve))
    shop.host = `localhost:${shop.#server.address().port}`
    shop.url = `http://${shop.host}`
    shop.key = key
    await owner.ok('PUT', '/channels/widget', { ...settings, ...change, hosts: [...settings.hosts, shop.host] }, { 'If-Match': `"${version}"` })
    return shop
  }

  close() {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(resolve))
  }
}

/** The widget's window in a page, opened by a click on its launcher, which no script of the page can reach. */
export async function openWidget(page) {
  await page.waitForFunction(() => typeof window.Everdesk === 'function')
  const { width, height } = page.viewportSize()
  const frame = () => page.frames().find((one) => /\/w\/\?key=/.test(one.url()))
  await page.mouse.click(width - 60, height - 44)
  return until(frame, 'the widget has its frame')
}

/** Begins a conversation in the widget with the first words. */
export async function begin(frame, words) {
  await frame.locator('.home .btn.pri').click()
  await tell(frame, words)
}

/** Says something and sees it stand in the thread. */
export async function tell(frame, words) {
  await frame.locator('.box textarea').fill(words)
  await frame.locator('.box textarea').press('Enter')
  await frame.locator('.m.me', { hasText: words }).last().waitFor()
}
