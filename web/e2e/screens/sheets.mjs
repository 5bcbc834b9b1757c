// Contact sheets: a scene's wide pictures on one, its narrow ones on another.
import { readdir } from 'node:fs/promises'
import path from 'node:path'

export async function contactSheets(browser, out) {
  const files = (await readdir(out)).filter((file) => /\.(zh-CN|en)-(light|dark)-\d+\.png$/.test(file))
  const scenes = new Map()
  for (const file of files) {
    const scene = file.split('.')[0]
    scenes.set(scene, [...(scenes.get(scene) ?? []), file])
  }
  const page = await browser.newPage({ viewport: { width: 1600, height: 1010 } })
  for (const [scene, its] of scenes)
    for (const [kind, width] of [['wide', 784], ['narrow', 388]]) {
      const shown = its.filter((file) => file.endsWith('-390.png') === (kind === 'narrow'))
      if (shown.length === 0) continue
      await page.goto('about:blank')
      await page.goto(`file://${out}/`)
      await page.setContent(`<base href="file://${out}/"><style>body{margin:4px;display:flex;flex-wrap:wrap;gap:4px;background:#888}img{width:${width}px;display:block}</style>${shown.map((file) => `<img src="${file}">`).join('')}`, { waitUntil: 'load' })
      await page.locator('body').screenshot({ path: path.join(out, `sheet-${scene}.${kind}.png`) })
    }
  await page.close()
}
