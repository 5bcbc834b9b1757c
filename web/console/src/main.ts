import { createPinia } from 'pinia'
import { createApp } from 'vue'
import '@everdesk/kit/kit.css'
import './shell/shell.css'
import App from './App.vue'
import { router } from './router'
import { i18n, startLocale } from './shell/i18n'

await startLocale()
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
