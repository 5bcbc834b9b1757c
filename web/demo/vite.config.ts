import { defineConfig } from 'vite'

// Plain files below /demo/; every path without an extension is the same page.
export default defineConfig({
  base: '/demo/',
  build: { modulePreload: false, cssMinify: 'lightningcss', target: 'es2022', assetsInlineLimit: 0 },
})
