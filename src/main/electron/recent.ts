/** What was opened last, newest first: kept with the preferences, so that every window on the store offers the same. */
import { basename } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../shared/preferences'

const item = z.object({
  kind: z.enum(['file', 'folder', 'set', 'model']),
  /** For people. */
  name: z.string().min(1).max(300),
  /** A path, or a set's id. */
  target: z.string().min(1).max(32_767),
})
export type RecentItem = z.infer<typeof item>

export const MAX_RECENT = 10
export const RECENT_PLACE = 'recent'

/** What is kept, as far as it can be understood. */
export function recentOf(kept: unknown): RecentItem[] {
  const list = z.array(z.unknown()).safeParse(kept)
  if (!list.success) return []
  return list.data.flatMap((each) => item.safeParse(each).data ?? []).slice(0, MAX_RECENT)
}

/** With these in front. */
export function remembering(list: readonly RecentItem[], added: readonly RecentItem[]): RecentItem[] {
  const same = (a: RecentItem, b: RecentItem): boolean => a.kind === b.kind && a.target === b.target
  const distinct = added.filter((each, at) => added.findIndex((other) => same(each, other)) === at)
  return [...distinct, ...list.filter((each) => !distinct.some((other) => same(each, other)))].slice(0, MAX_RECENT)
}

export const recentPath = (kind: 'file' | 'folder' | 'model', path: string): RecentItem => ({
  kind,
  name: basename(path).slice(0, 300) || path.slice(0, 300),
  target: path,
})

export const asJson = (list: readonly RecentItem[]): Json => list.map(({ kind, name, target }) => ({ kind, name, target }))
