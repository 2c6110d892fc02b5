/**
 * What can be done on the page now. Whoever can do something says so while it is shown: the palette lists it, the key map
 * names its keys, and its keys run it.
 */
import { useLayoutEffect, useId } from 'react'
import { createStore } from '../ui/store'

export interface Command {
  /** `library.build`: what the key map remembers. */
  readonly id: string
  readonly title: string
  /** Default keys such as `mod+shift+B`; `mod` is Ctrl, on a Mac Cmd. */
  readonly keys?: string
  /** Further words that the palette finds it by. */
  readonly words?: string
  readonly disabled?: boolean
  readonly run: () => void
}

export const commands = createStore<{ readonly lists: ReadonlyMap<string, readonly Command[]> }>({ lists: new Map() })

/** All of them; a later one replaces an earlier one of the same id. */
export function allCommands(): Command[] {
  const byId = new Map<string, Command>()
  for (const list of commands.get().lists.values()) for (const command of list) byId.set(command.id, command)
  return [...byId.values()]
}

/** All that were ever offered since the page was loaded, for the key map. */
const known = new Map<string, Command>()
export function knownCommands(): Command[] {
  return [...known.values()]
}

/** Offers commands while the component is shown; they may be made anew at every rendering. */
export function useCommands(list: readonly Command[]): void {
  const token = useId()
  // With the drawing itself: what is seen can be run by its key at once.
  useLayoutEffect(() => offer(token, list))
  useLayoutEffect(() => () => withdraw(token), [token])
}

/** By who offers them: what they run is always the latest, also where nothing that is seen of them has changed. */
const latest = new Map<string, readonly Command[]>()

function offer(token: string, list: readonly Command[]): void {
  const before = latest.get(token)
  latest.set(token, list)
  if (before && seen(before) === seen(list)) return
  const offered = list.map((command, at): Command => ({ ...command, run: () => latest.get(token)?.[at]?.run() }))
  for (const command of offered) known.set(command.id, command)
  commands.set({ lists: new Map(commands.get().lists).set(token, offered) })
}

function withdraw(token: string): void {
  latest.delete(token)
  const lists = new Map(commands.get().lists)
  lists.delete(token)
  commands.set({ lists })
}

function seen(list: readonly Command[]): string {
  return JSON.stringify(list.map(({ id, title, keys, disabled }) => [id, title, keys, disabled]))
}
