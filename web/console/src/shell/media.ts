import { onScopeDispose, ref, type Ref } from 'vue'

/** True while the media query holds. */
export function useMedia(query: string): Ref<boolean> {
  const list = matchMedia(query)
  const holds = ref(list.matches)
  const update = () => {
    holds.value = list.matches
  }
  list.addEventListener('change', update)
  onScopeDispose(() => list.removeEventListener('change', update))
  return holds
}

export const usePhone = () => useMedia('(max-width: 640px)')
