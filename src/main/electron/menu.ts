/** The application menu: what it holds as a value, from the language, the platform, what was opened last and the page's keys. */
import type { MenuItemConstructorOptions } from 'electron'
import type { MenuCommand, ShownKeys } from '../../shared/shell'
import type { RecentItem } from './recent'
import type { ShellTexts } from './texts'

export interface MenuState {
  readonly texts: ShellTexts
  readonly platform: NodeJS.Platform
  readonly recent: readonly RecentItem[]
  readonly keys: ShownKeys
}

export interface MenuActions {
  readonly run: (command: MenuCommand) => void
  readonly open: (item: RecentItem) => void
  readonly clearRecent: () => void
  readonly openBundle: () => void
  readonly showModelsSite: () => void
  readonly showCrashReports: () => void
  readonly quit: () => void
}

type Item = MenuItemConstructorOptions

const LINE: Item = { type: 'separator' }

export function menuTemplate(state: MenuState, actions: MenuActions): Item[] {
  const { texts, platform } = state
  const isMac = platform === 'darwin'
  const command = (name: MenuCommand, label: string): Item => ({
    id: name,
    label,
    click: () => actions.run(name),
    ...shownKeys(state.keys[name]),
  })
  const settings = command('settings', texts.settings)
  const appMenu: Item = {
    label: 'Kvasir',
    submenu: [
      { role: 'about', label: texts.about },
      LINE,
      settings,
      LINE,
      { role: 'services', label: texts.services },
      LINE,
      { role: 'hide', label: texts.hide },
      { role: 'hideOthers', label: texts.hideOthers },
      { role: 'unhide', label: texts.showAll },
      LINE,
      { role: 'quit', label: texts.quit },
    ],
  }
  const file: Item = {
    label: texts.file,
    submenu: [
      command('set.new', texts.newSet),
      LINE,
      command('import.files', texts.importFiles),
      command('import.folder', texts.importFolder),
      command('model.open', texts.openModel),
      { label: texts.openBundle, click: () => actions.openBundle() },
      { label: texts.openRecent, submenu: recentItems(state, actions) },
      LINE,
      ...(isMac
        ? [{ role: 'close', label: texts.close } satisfies Item]
        : [settings, LINE, { label: texts.quit, accelerator: 'CommandOrControl+Q', click: () => actions.quit() }]),
    ],
  }
  const edit: Item = {
    label: texts.edit,
    submenu: [
      { role: 'undo', label: texts.undo },
      { role: 'redo', label: texts.redo },
      LINE,
      { role: 'cut', label: texts.cut },
      { role: 'copy', label: texts.copy },
      { role: 'paste', label: texts.paste },
      { role: 'selectAll', label: texts.selectAll },
    ],
  }
  const view: Item = {
    label: texts.view,
    submenu: [
      command('ask', texts.ask),
      command('palette', texts.palette),
      LINE,
      command('list', texts.list),
      command('inspector', texts.inspector),
      LINE,
      command('theme', texts.theme),
      command('language', texts.language),
      LINE,
      // No Ctrl-R: a reload in the middle of an answer should be meant.
      { label: texts.reload, role: 'reload', accelerator: 'F5' },
      { role: 'resetZoom', label: texts.resetZoom },
      { role: 'zoomIn', label: texts.zoomIn },
      { role: 'zoomOut', label: texts.zoomOut },
      { role: 'togglefullscreen', label: texts.fullScreen },
    ],
  }
  const window: Item = {
    label: texts.window,
    submenu: [
      { role: 'minimize', label: texts.minimize },
      { role: 'close', label: texts.close },
    ],
  }
  const help: Item = {
    role: 'help',
    label: texts.help,
    submenu: [
      command('help.words', texts.words),
      command('help.keys', texts.keys),
      LINE,
      { label: texts.models, click: () => actions.showModelsSite() },
      { label: texts.crashReports, click: () => actions.showCrashReports() },
      ...(isMac ? [] : [LINE, { role: 'about', label: texts.about } satisfies Item]),
    ],
  }
  return [...(isMac ? [appMenu] : []), file, edit, view, window, help]
}

function recentItems({ recent, texts }: MenuState, actions: MenuActions): Item[] {
  if (recent.length === 0) return [{ label: texts.noRecent, enabled: false }]
  return [
    ...recent.map((item): Item => ({ label: menuLabel(item.name), click: () => actions.open(item) })),
    LINE,
    { label: texts.clearRecent, click: () => actions.clearRecent() },
  ]
}

const LONGEST_LABEL = 60

/** `&` would underline the next letter. */
function menuLabel(name: string): string {
  const characters = Array.from(name.replaceAll(/\s+/g, ' '))
  const short = characters.length > LONGEST_LABEL ? `${characters.slice(0, LONGEST_LABEL - 1).join('')}…` : characters.join('')
  return short.replaceAll('&', '&&')
}

const MODIFIERS: Readonly<Record<string, string>> = { mod: 'CommandOrControl', ctrl: 'Control', meta: 'Meta', alt: 'Alt', shift: 'Shift' }
const KEYS: Readonly<Record<string, string>> = {
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Escape: 'Escape',
  Enter: 'Enter',
}

/** The page runs its own keys: the menu shows them, and takes them only where a Mac would not show them otherwise. */
function shownKeys(keys: string | null | undefined): Item {
  const accelerator = keys ? acceleratorOf(keys) : null
  return accelerator === null ? {} : { accelerator, registerAccelerator: false }
}

/** Electron's way of writing keys; null for what it cannot show. */
export function acceleratorOf(keys: string): string | null {
  const parts = keys.split('+')
  const key = parts.pop() ?? ''
  const named = KEYS[key] ?? (/^([A-Z0-9!-/:-@[-`{-~]|F\d{1,2}|Plus|Space|Tab|Delete|Backspace)$/.test(key) ? key : null)
  const modifiers = parts.map((part) => MODIFIERS[part])
  if (named === null || modifiers.includes(undefined)) return null
  return [...modifiers, named].join('+')
}
