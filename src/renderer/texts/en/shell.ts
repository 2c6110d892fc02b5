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

export const header = {
  set: 'Knowledge set',
  newSet: 'New set…',
  sample: 'Add the sample set',
  theme: 'Theme',
  light: 'Light',
  dark: 'Dark',
  system: 'System',
  showInspector: 'Show inspector',
  hideInspector: 'Hide inspector',
  model: (id: string) => `model ${id}`,
  modelUnloaded: 'loads with the first question',
}

export const status = {
  loaded: (model: string, device: string) => `${model} on ${device}`,
  weights: (bytes: string) => `weights ${bytes}`,
  store: (bytes: string, entries: number) =>
    `caches ${bytes} in ${count(entries)} ${entries === 1 ? 'file' : 'files'}`,
  memory: (bytes: string) => `${bytes} in memory`,
  memoryOf: (bytes: string) => `decoded, ready to be used; at most ${bytes}`,
  quarantined: (number: number) => `${count(number)} damaged, set aside`,
  restarts: (number: number) => `restarted ${count(number)}×`,
  jobs: 'Jobs',
  noJobs: 'No jobs running',
  progress: (title: string) => `Progress of ${title}`,
  amount: (done: number, total: number, unit: string) => `${count(done)} of ${count(total)} ${unit}`,
  speed: (speed: string, unit: string) => `${speed} ${unit}/s`,
  left: (time: string) => `${time} left`,
  more: (number: number) => `+${count(number)} more`,
  cancel: 'Cancel',
  cancelJob: (title: string) => `Cancel: ${title}`,
}
