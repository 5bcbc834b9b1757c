/**
 * A space between Chinese and the figures or Latin words put into a sentence:
 * names and numbers come at run time, so the sentence cannot hold it.
 */
export function spaced(text: string): string {
  return text.replace(/([\u4e00-\u9fff])([A-Za-z0-9#@])/g, '$1 $2').replace(/([A-Za-z0-9%])([\u4e00-\u9fff])/g, '$1 $2')
}
