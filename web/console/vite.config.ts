import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

// In development the Go server answers the API and Vite serves the pages.
const server = process.env.EVERDESK_DEV_SERVER ?? 'http://127.0.0.1:8480'

/**
 * vue-i18n and reka-ui look Vue's functions up by name at run time, which would
 * keep all of Vue in the bundle: 12 KB gzipped that nobody calls.
 */
const namedVue: Plugin = {
  name: 'named-vue',
  enforce: 'pre',
  transform(code, id) {
    if (/vue-i18n\/dist\/vue-i18n\.mjs$/.test(id))
      return code.replace("import * as Vue from 'vue';", "import { getCurrentInstance as vueInstance } from 'vue';\nconst Vue = { getCurrentInstance: vueInstance };")
    if (/reka-ui\/dist\/shared\/useId\.js$/.test(id))
      return code.replace('import * as vue from "vue";', 'import { useId as vueId } from "vue";\nconst vue = { useId: vueId };')
    return undefined
  },
}

export default defineConfig({
  plugins: [vue(), namedVue],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    port: 5173,
    proxy: { '/api': { target: server, ws: true }, '/files': server },
  },
  build: { target: 'es2022', reportCompressedSize: false, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
  },
})
