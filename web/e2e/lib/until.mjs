/**
 * Asks until the answer is truthy and returns it. For states that only the API
 * shows; what a page shows is waited for with the page's own locators.
 */
export async function until(ask, what, { within = 20_000, every = 100 } = {}) {
  const end = Date.now() + within
  for (;;) {
    const got = await ask()
    if (got) return got
    if (Date.now() > end) throw new Error(`waited ${within} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}
