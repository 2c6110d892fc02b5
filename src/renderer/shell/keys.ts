/** Keys of commands: defaults, what a person has set instead, and the listener that runs them. */
import { useLayoutEffect } from 'react'
import { preference, setPreference } from './preferences'
import { allCommands, type Command } from './commands'

const PLACE = 'keys'
const isMac = /mac/i.test(navigator.platform)

/** By command id; null: none wanted. */
function ownKeys(): Readonly<Record<string, string | null>> {
  const kept = preference(PLACE)
  return kept !== null && typeof kept === 'object' && !Array.isArray(kept)
    ? (kept as Record<string, string | null>)
    : {}
}

/** What runs it now; null: no key. */
export function keysOf({ id, keys }: Command): string | null {
  const own = ownKeys()[id]
  return own === undefined ? (keys ?? null) : own
}

/** `undefined` goes back to the default. */
export function setKeys(id: string, keys: string | null | undefined): void {
  const { [id]: _, ...others } = ownKeys()
  setPreference(PLACE, keys === undefined ? others : { ...others, [id]: keys })
}

export function forgetAllKeys(): void {
  setPreference(PLACE, null)
}

/** The keys of an event as they are written: `mod+shift+B`; null while only modifiers are down. */
export function keysOfEvent(event: KeyboardEvent): string | null {
  if (['Control', 'Meta', 'Shift', 'Alt', 'AltGraph', 'Dead', 'Process', 'Unidentified'].includes(event.key)) return null
  const name = event.key.length === 1 ? event.key.toUpperCase() : event.key
  const mod = isMac ? event.metaKey : event.ctrlKey
  const other = isMac ? event.ctrlKey && 'ctrl' : event.metaKey && 'meta'
  // A shifted sign (`?`) is its own name; letters and named keys say that Shift was down.
  const shift = event.shiftKey && (name.length > 1 || /[A-Z]/.test(name)) && 'shift'
  const key = name === ' ' ? 'Space' : name === '+' ? 'Plus' : name
  return [mod && 'mod', other, event.altKey && 'alt', shift, key].filter(Boolean).join('+')
}

/** For people: `Ctrl+Shift+B`, on a Mac `⇧⌘B`. */
export function shownKeys(keys: string): string {
  const parts = keys.split('+')
  const words: Record<string, string> = isMac
    ? { mod: '⌘', ctrl: '⌃', alt: '⌥', shift: '⇧', Plus: '+' }
    : { mod: 'Ctrl', meta: 'Meta', alt: 'Alt', shift: 'Shift', Plus: '+' }
  const arrows: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc' }
  return parts.map((part) => words[part] ?? arrows[part] ?? part).join(isMac ? '' : '+')
}

/** Keys that a person needs for writing, moving and choosing belong to what has the focus. */
export function isBare(keys: string): boolean {
  return !/^(mod|ctrl|meta|alt)\+/.test(keys) && !/^(shift\+)?F\d+$/.test(keys)
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}

/** Runs commands by their keys, while the page is shown and no dialog is open. */
export function useKeys(): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || document.querySelector('dialog[open]')) return
      const keys = keysOfEvent(event)
      if (keys === null || (isBare(keys) && isWriting(event.target))) return
      // Undo and its like are the text's own while one writes.
      if (/^mod\+(shift\+)?[ZYACVX]$/.test(keys) && isWriting(event.target)) return
      const command = allCommands().find((each) => !each.disabled && keysOf(each) === keys)
      if (!command) return
      event.preventDefault()
      command.run()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
