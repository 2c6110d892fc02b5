/** Runs the built app in the Electron double, in this process. */
import { createRequire, registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContext, Page } from 'playwright'
import { expect, vi } from 'vitest'
import type * as Double from './electron-double'

export interface ElectronApp {
  readonly electron: typeof Double
  readonly state: Double.DoubleState
  readonly handlers: Readonly<Record<'permissionRequest' | 'permissionCheck' | 'scheme' | 'privileged', unknown>>
  /** The first window's page, loaded. */
  readonly page: Page
}

/** Once per process: the app's module runs when it is first loaded. */
export async function startElectronApp(context: BrowserContext): Promise<ElectronApp> {
  const state: Double.DoubleState = {
    context,
    log: [],
    windows: [],
    pick: [],
    save: null,
    answer: 2,
    menu: null,
    recent: [],
    paths: {},
    locale: 'en-GB',
    screens: [{ x: 0, y: 0, width: 1920, height: 1040 }],
  }
  const handlers = {
    permissionRequest: null,
    permissionCheck: null,
    devicePermission: null,
    scheme: null,
    privileged: null,
  }
  Object.assign(globalThis, { electronDouble: { state, handlers } })
  const double = pathToFileURL(resolve(import.meta.dirname, 'electron-double.ts')).href
  registerHooks({
    resolve: (specifier, hookContext, next) =>
      specifier === 'electron'
        ? { url: double, format: 'module-typescript', shortCircuit: true }
        : next(specifier, hookContext),
  })
  // Node's own loader, not the test runner's: what runs is the bundle as it is.
  const load = createRequire(import.meta.url)
  load(resolve(import.meta.dirname, '../../out/main/index.js'))
  const electron = load('electron') as typeof Double
  const failure = (): string | undefined => state.log.find((line) => /^(error|exit) /.test(line))
  await vi.waitFor(() => expect(state.windows[0]?.page ?? failure()).toBeTruthy(), { timeout: 30_000, interval: 50 })
  const page = state.windows[0]?.page
  if (!page) throw new Error(`The app opened no window: ${state.log.join('; ')}`)
  await page.waitForLoadState()
  return { electron, state, handlers, page }
}
