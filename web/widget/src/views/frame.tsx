import type { ComponentChildren } from 'preact'
import { t } from '../app/i18n'
import { off } from '../ui/glyphs'
import { Icon } from '../ui/icons'
import { Close } from '../ui/parts'

/** The head of a tab's first view. */
export const TabHead = ({ title }: { title: string }) => <header class="w-h tab"><h1 tabIndex={-1}>{title}</h1><Close /></header>

/** What is true when there is nothing to show, and at most one thing to do about it. */
export const Empty = ({ d, title, more, children }: { d: string; title: string; more: string; children?: ComponentChildren }) => (
  <div class="empty"><Icon d={d} n={20} /><b>{title}</b><p>{more}</p>{children}</div>
)

/** It could not be fetched, and nothing was kept. */
export const Away = ({ title, again }: { title?: string; again(): void }) => (
  <Empty d={off} title={title ?? t('help_lost')} more={t('help_lost_more')}><button class="btn" onClick={again}>{t('retry')}</button></Empty>
)

/** Lines of the length that is to come. */
export const Skeleton = ({ of }: { of: number[] }) => <>{of.map((w) => <span class="w-art" key={w}><i class="sk" style={{ width: w + '%' }} /></span>)}</>

export const Body = ({ label, children }: { label: string; children: ComponentChildren }) => <div class="w-b scroll" role="region" aria-label={label} tabIndex={0}>{children}</div>
