// Runs before the first paint, so that nobody is flashed by the wrong theme.
;(function () {
  var root = document.documentElement
  var get = function (name) {
    try {
      return localStorage.getItem('everdesk.' + name)
    } catch {
      return null
    }
  }
  var theme = get('theme')
  if (theme !== 'light' && theme !== 'dark') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  root.dataset.theme = theme
  root.lang = get('locale') || (/^zh/i.test(navigator.language) ? 'zh-CN' : 'en')
  if (get('signed_in') !== '1') root.dataset.door = ''
})()
