/** What a face offers beside the core's calls: dialogs, files to write, an application menu, links, crash reports. */
import { z } from 'zod'

/** What the system's dialog is asked for. */
export const pickKinds = ['files', 'folder', 'models', 'bundle'] as const
export type PickKind = (typeof pickKinds)[number]

/** Commands of the application menu that the page carries out. */
export const menuCommands = [
  'set.new',
  'import.files',
  'import.folder',
  'model.open',
  'ask',
  'palette',
  'settings',
  'list',
  'inspector',
  'language',
  'theme',
  'help.words',
  'help.keys',
] as const
export type MenuCommand = (typeof menuCommands)[number]

/** What runs each of them, as the page writes it (`mod+shift+B`); null: no key. */
export const shownKeys = z.partialRecord(z.enum(menuCommands), z.string().max(60).nullable())
export type ShownKeys = z.infer<typeof shownKeys>

/** What the window tells its page. */
export type ShellEvent =
  | { readonly kind: 'command'; readonly command: MenuCommand }
  /** A path of the page's routes, from a link or a recent set: shown, never acted on. */
  | { readonly kind: 'open'; readonly route: string }
  /** Recent documents, to look at before they are imported. */
  | { readonly kind: 'import'; readonly paths: readonly string[] }
  | { readonly kind: 'model'; readonly path: string }
  | { readonly kind: 'bundle'; readonly name: string; readonly bytes: number }
  /** The page was loaded again after its process had ended. */
  | { readonly kind: 'reloaded' }
  | { readonly kind: 'update'; readonly version: string }

export interface ShellFacts {
  readonly carrier: 'ipc' | 'http' | 'cli'
  /** The system's dialogs for opening and saving can be had; else files are uploaded and downloaded. */
  readonly canPickPaths: boolean
  readonly canSaveFiles: boolean
}

/** Of one export. */
export const MAX_SAVED_BYTES = 32 * 1024 * 1024
const MAX_FILE_NAME_CHARS = 200

export const saveRequest = z.object({
  /** Proposed to the person, without a folder. */
  name: z.string().min(1).max(MAX_FILE_NAME_CHARS),
  /** Base64. */
  data: z.base64().max(Math.ceil(MAX_SAVED_BYTES / 3) * 4),
})
export type SaveRequest = z.infer<typeof saveRequest>

const MAX_CRASH_CHARS = 20_000

/** A fault of the program itself. */
export const crashReport = z.object({
  /** Where it happened. */
  place: z.enum(['page', 'window', 'main', 'serve']),
  name: z.string().max(200),
  message: z.string().max(MAX_CRASH_CHARS),
  stack: z.string().max(MAX_CRASH_CHARS).default(''),
})
export type CrashReport = z.infer<typeof crashReport>
export type CrashInput = z.input<typeof crashReport>

/** Who changed what: what a page shows may be out of date. */
export interface StoreChange {
  readonly by: 'another-program' | 'another-page'
  readonly what: 'preferences' | 'anything'
}
