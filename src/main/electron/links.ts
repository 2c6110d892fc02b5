/** Links and files that the system hands over: where they lead in the page. They open something to look at, never more. */
import { stat } from 'node:fs/promises'
import { basename, extname, isAbsolute, resolve } from 'node:path'
import { DEEP_LINK_SCHEME, linkAmong, parseDeepLink, routeOf } from '../../shared/deep-link'
import type { ShellEvent } from '../../shared/shell'

/** Null where the link is none of ours. */
export function eventOfLink(url: string): ShellEvent | null {
  const link = parseDeepLink(url)
  return link && { kind: 'open', route: routeOf(link) }
}

/** Null where the path is no bundle's, or no file. */
export async function eventOfFile(path: string): Promise<ShellEvent | null> {
  if (extname(path).toLowerCase() !== '.kvb') return null
  const facts = await stat(path).catch(() => null)
  return facts?.isFile() ? { kind: 'bundle', name: basename(path), bytes: facts.size } : null
}

/** Of what a program was started with, or started again with, in `folder`. A link goes first; of files the first one. */
export async function eventOfArguments(args: readonly string[], folder: string): Promise<ShellEvent | null> {
  const link = linkAmong(args)
  if (link) return { kind: 'open', route: routeOf(link) }
  const file = args.find((arg) => /\.kvb$/i.test(arg) && !arg.startsWith('-') && !arg.startsWith(`${DEEP_LINK_SCHEME}:`))
  return file === undefined ? null : await eventOfFile(isAbsolute(file) ? file : resolve(folder, file))
}
