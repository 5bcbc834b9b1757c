export type Child = Node | string | false | undefined
type Props = Record<string, string | boolean | ((e: Event) => void) | undefined>

/** An element with its attributes, listeners (`onclick`) and children. */
export function el(tag: string, props: Props = {}, ...children: Child[]): HTMLElement {
  const node = document.createElement(tag)
  for (const [k, v] of Object.entries(props)) {
    if (typeof v === 'function') node.addEventListener(k.slice(2), v)
    else if (v !== undefined && v !== false) node.setAttribute(k, v === true ? '' : v)
  }
  node.append(...children.filter((c): c is Node | string => !!c))
  return node
}

export const link = (path: string, props: Props, ...children: Child[]) => el('a', { href: '/demo/' + path, ...props }, ...children)
