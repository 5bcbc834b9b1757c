// Every screen of the console with something on it, for whoever looks at all of them.

/** Paths of the console, given a signed-in caller of a demo desk. */
export async function consoleScreens(call) {
  const first = async (route, fits = () => true) => (await call.get(route)).items.find(fits)
  const [talk, ticket, customer, article, flow] = await Promise.all([
    first('/conversations?view=resolved'), first('/tickets?view=open'), first('/customers'), first('/knowledge'), first('/flows'),
  ])
  return [
    `/inbox/resolved/${talk.id}`, '/inbox/open', '/inbox/queue', '/tickets', `/tickets/${ticket.id}`, '/customers', `/customers/${customer.id}`,
    '/knowledge', `/knowledge/${article.id}`, '/flows', `/flows/${flow.id}`, '/profile',
    ...['general', 'members', 'teams', 'hours', 'widget', 'email', 'sms', 'snippets', 'api-keys', 'audit'].map((one) => `/settings/${one}`),
  ]
}

/** The page has what it was asked for: nothing is being fetched any more. */
export async function shown(page) {
  await page.locator('h1, h2').filter({ visible: true }).first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.sk, .ldbar, [aria-busy="true"]'))
}
