import { t } from '../app/i18n'

const ALL = '😀😄😊🙂😉😍🤔😅😂🥲😢😭😡😱🙏👍👎👌👏💪🤝❤️🎉🎁🛒📦🚚💳🧾🕐📷📞✅❌❓⭐'.match(/\p{Extended_Pictographic}\uFE0F?/gu)!

export function Emoji({ onPick, onClose }: { onPick(e: string): void; onClose(): void }) {
  const move = (e: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 9, ArrowUp: -9 }[e.key], all = [...(e.currentTarget as Element).children] as HTMLElement[]
    if (e.key === 'Escape') onClose()
    else if (step) all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length]!.focus()
    else return
    e.preventDefault()
  }
  return <div class="emoji" role="group" aria-label={t('emoji')} onKeyDown={move}>{ALL.map((e, i) => <button key={e} tabIndex={i ? -1 : 0} onClick={() => onPick(e)}>{e}</button>)}</div>
}
