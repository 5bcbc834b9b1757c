import { createElement, type Attributes, type ComponentType } from 'preact'

export { Fragment } from 'preact'

/** What JSX compiles to. Preact's own runtime can do more than we need, and weighs more. */
export const jsx = (type: ComponentType | string, props: object, key?: string) => createElement(type as string, key === undefined ? props : { ...props, key } as Attributes)

export { jsx as jsxs }
