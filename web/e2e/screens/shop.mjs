// The demo shop's pages.
const at = (path) => async ({ page, desk }) => {
  await page.goto(`${desk.url}/demo/${path}`)
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.wait'))
  await page.waitForLoadState('networkidle')
}

const shop = {
  name: 'shop',
  scenes: {
    home: at(''),
    category: at('?c=clothing'),
    foot: async (stage) => {
      await at('')(stage)
      await stage.page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    },
    product: async (stage) => {
      await at('?c=clothing')(stage)
      await stage.page.locator('.grid a').first().click()
      await stage.page.locator('.one h1').waitFor()
    },
    'bag-empty': at('bag'),
    bag: async (stage) => {
      await at('?c=clothing')(stage)
      await stage.page.locator('.grid a').first().click()
      await stage.page.locator('.buy').click()
      await at('bag')(stage)
    },
    returns: at('returns'),
    shipping: at('shipping'),
    'size-guide': at('size-guide'),
    account: at('account'),
    orders: async (stage) => {
      await at('account')(stage)
      await stage.page.locator('.people button').first().click()
      await at('orders')(stage)
    },
    missing: at('no-such-page'),
  },
}
export const shopParts = [shop]
