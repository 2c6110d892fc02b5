/** The pages in the order of the rail; each is loaded when it is first shown. */
import { Boxes, ChartScatter, CircleQuestionMark, Flag, House, Layers, LibraryBig, MessageSquareText, Settings, type LucideIcon } from 'lucide-react'
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'

export interface PageProps {
  /** The path's parts behind the page's own name. */
  readonly rest: readonly string[]
}

interface PageEntry {
  readonly icon: LucideIcon
  readonly Page: LazyExoticComponent<ComponentType<PageProps>>
  /** Starts loading it, e.g. when the pointer comes near. */
  readonly load: () => Promise<unknown>
}

function page<Id extends string>(id: Id, icon: LucideIcon, load: () => Promise<{ default: ComponentType<PageProps> }>) {
  return { id, icon, load, Page: lazy(load) } satisfies PageEntry & { id: Id }
}

export const PAGES = [
  page('home', House, () => import('../pages/home')),
  page('ask', MessageSquareText, () => import('../pages/ask')),
  page('library', LibraryBig, () => import('../pages/library')),
  page('race', Flag, () => import('../pages/race')),
  page('caches', Layers, () => import('../pages/caches')),
  page('bench', ChartScatter, () => import('../pages/bench')),
  page('models', Boxes, () => import('../pages/models')),
  page('help', CircleQuestionMark, () => import('../pages/help')),
  page('settings', Settings, () => import('../pages/settings')),
] as const

export type PageId = (typeof PAGES)[number]['id']
