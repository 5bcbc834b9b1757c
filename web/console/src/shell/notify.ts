import { notifies } from './prefs'

export type Permission = 'default' | 'granted' | 'denied' | 'unsupported'

export function permission(): Permission {
  return 'Notification' in window ? Notification.permission : 'unsupported'
}

export async function askPermission(): Promise<Permission> {
  return 'Notification' in window ? await Notification.requestPermission() : 'unsupported'
}

/** Shows a desktop notification while the page is hidden; one per tag stands. */
export function notify(title: string, body: string, tag: string, open: () => void): void {
  if (!notifies.value || !document.hidden || permission() !== 'granted') return
  const shown = new Notification(title, { body, tag, icon: '/icon.svg' })
  shown.onclick = () => {
    window.focus()
    open()
    shown.close()
  }
}
