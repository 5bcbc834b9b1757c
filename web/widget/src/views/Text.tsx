/** Text with its addresses made links; nothing else in it is markup. */
export const Text = ({ text }: { text: string }) => (
  <>{text.split(/(https?:\/\/[^\s<>"'，。；）)]+)/).map((part, i) => (i % 2 ? <a class="link" href={part} target="_blank" rel="noopener">{part}</a> : part))}</>
)
