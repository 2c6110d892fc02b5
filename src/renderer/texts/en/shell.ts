/** The frame: connection, header, status bar. */
import { count } from '../../ui/format'

export const connection = {
  connecting: 'Connecting to the workbench…',
  lost: 'The connection to the workbench is lost; trying again. What is stored is safe.',
  refusedTitle: 'This address does not open the workbench',
  refused: 'Its token is missing or from an earlier start. Open the whole address that “kvasir serve” printed last.',
  lostWhileAskingTitle: 'The connection was lost',
  lostWhileAsking: 'The answer is not whole. Ask again once the connection is back.',
  offline: 'Not connected',
}

export const pages = {
  home: 'Home',
  help: 'Help',
  ask: 'Ask',
  library: 'Library',
  race: 'Race',
  models: 'Models',
  bench: 'Bench',
  caches: 'Caches',
  settings: 'Settings',
}

export const rail = {
  title: 'Pages',
  go: (page: string) => `Go to ${page}`,
}

export const header = {
  set: 'Knowledge set',
  newSet: 'New set…',
  sample: 'Add the sample set',
  find: 'Search or run…',
  model: (id: string) => `model ${id}`,
  modelUnloaded: 'loads with the first question',
}

export const palette = {
  open: 'Search or run a command',
  placeholder: 'Command, page or set…',
  commands: 'Commands',
  pages: 'Pages',
  sets: 'Knowledge sets',
  nothing: 'Nothing is called so',
}

export const workspace = {
  list: 'List',
  inspector: 'Inspector',
  toggleList: 'Show or hide the list',
  toggleInspector: 'Show or hide the inspector',
  sizeList: 'Width of the list',
  sizeInspector: 'Width of the inspector',
}

export const undo = {
  undo: 'Undo',
  what: (text: string) => `Undo: ${text}`,
  undone: (text: string) => `Undone: ${text}`,
  failed: (text: string) => `This could not be undone. ${text}`,
  close: 'Close',
}

export const settings = {
  look: 'Look and language',
  theme: 'Theme',
  themes: { light: 'Light', dark: 'Dark', auto: 'System' },
  themeCommand: (theme: string) => `Theme: ${theme}`,
  language: 'Language',
  keys: 'Keys',
  keysHint: 'A page’s own commands are listed once it has been open.',
  forgetAll: 'Set all back',
  command: 'Command',
  keysColumn: 'Keys',
  change: 'Change',
  changeOf: (command: string) => `Change the keys of ${command}`,
  remove: 'Remove',
  removeOf: (command: string) => `Remove the keys of ${command}`,
  reset: 'Set back',
  resetOf: (command: string) => `Set back the keys of ${command}`,
  none: 'none',
  alsoOf: (commands: string) => `also of ${commands}`,
  press: 'Press the new keys; Esc leaves them as they are',
  needsModifier: (keys: string) => `${keys} alone is for writing and moving: take Ctrl, Cmd or Alt with it`,
}

export const exporting = {
  menu: (title: string) => `Export: ${title}`,
  asPng: 'Picture (PNG)',
  asSvg: 'Drawing (SVG)',
  asCsv: 'Table (CSV)',
  asJson: 'Table (JSON)',
  asMarkdown: 'Table (Markdown)',
  copied: 'Copied',
  copyMarkdown: 'Copy as Markdown',
  table: (title: string) => `${title}, as a table`,
}

export const status = {
  loaded: (model: string, device: string) => `${model} on ${device}`,
  weights: (bytes: string) => `weights ${bytes}`,
  store: (bytes: string, entries: number) =>
    `caches ${bytes} in ${count(entries)} ${entries === 1 ? 'file' : 'files'}`,
  memory: (bytes: string) => `${bytes} in memory`,
  memoryOf: (bytes: string) => `decoded, ready to be used; at most ${bytes}`,
  today: (share: string) => `hit rate today ${share}`,
  todayNone: 'No question took knowledge today',
  todayOf: (reused: string, tokens: string) => `${reused} of ${tokens} tokens of today’s questions came from caches`,
  quarantined: (number: number) => `${count(number)} damaged, set aside`,
  restarts: (number: number) => `restarted ${count(number)}×`,
}
