/** The desktop app around an open workbench: window, menu, dialogs, links, what was opened last, how it ends. */
import { app, BrowserWindow, dialog, Menu, shell } from 'electron'
import { stat } from 'node:fs/promises'
import { z } from 'zod'
import type { PickKind, SaveRequest, ShellEvent, ShownKeys } from '../../shared/shell'
import type { Workbench } from '../../shared/workbench'
import type { CrashReports } from '../base/crash-reports'
import { makeFolderSync } from '../base/data-dir'
import { errorText } from '../base/error-code'
import { log } from '../base/log'
import { onMutation, type Mutation } from '../rpc/changes'
import type { Shell } from '../rpc/router'
import { pickPaths, saveFile } from './dialogs'
import type { ShellEvents } from './events'
import { eventOfFile } from './links'
import { menuTemplate } from './menu'
import { asJson, recentOf, recentPath, RECENT_PLACE, remembering, type RecentItem } from './recent'
import { openExternal } from './security'
import { shellLanguage, shellTexts, type ShellTexts } from './texts'
import { openWindow } from './window'
import { windowStateOf, WINDOW_PLACE } from './window-state'

const MODELS_URL = 'https://huggingface.co/models?library=gguf'

const added = z.object({ paths: z.array(z.string()).min(1) })
const preferenceSet = z.object({ name: z.string(), value: z.unknown() })

export interface DesktopOptions {
  readonly workbench: Workbench
  readonly crashes: CrashReports
  readonly events: ShellEvents
}

export class Desktop implements Disposable {
  readonly shell: Shell
  readonly #workbench: Workbench
  readonly #crashes: CrashReports
  readonly #events: ShellEvents
  readonly #forget: () => void
  #keys: ShownKeys = {}
  /** The person has said that it may end. */
  #mayQuit = false
  #asking = false
  #opening: Promise<BrowserWindow> | null = null

  constructor({ workbench, crashes, events }: DesktopOptions) {
    this.#workbench = workbench
    this.#crashes = crashes
    this.#events = events
    this.#forget = onMutation(workbench, (mutation) => this.#hear(mutation))
    this.shell = {
      pickPaths: (what) => this.#pick(what),
      saveFile: (request: SaveRequest) => saveFile(request, this.#texts),
      events: (signal) => events.listen(signal),
      showKeys: (keys) => {
        this.#keys = keys
        this.#setMenu()
      },
    }
    this.#setMenu()
    app.on('before-quit', (event) => {
      if (this.#mayQuit || this.#runningJobs() === 0) return
      event.preventDefault()
      void this.#askToQuit()
    })
  }

  /** Opens the window, or shows the one there is. */
  async show(): Promise<void> {
    const [window] = BrowserWindow.getAllWindows()
    if (window) {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      return
    }
    this.#opening ??= this.#open().finally(() => (this.#opening = null))
    await this.#opening
  }

  /** Shows what a link or a file leads to. */
  open(event: ShellEvent | null): void {
    if (event) this.#events.push(event)
  }

  [Symbol.dispose](): void {
    this.#forget()
  }

  get #texts(): ShellTexts {
    return shellTexts(shellLanguage(this.#workbench.preferences.all()['language'], app.getLocale()))
  }

  async #open(): Promise<BrowserWindow> {
    const { preferences } = this.#workbench
    const window = await openWindow({
      state: windowStateOf(preferences.all()[WINDOW_PLACE]),
      crashes: this.#crashes,
      texts: () => this.#texts,
      keep: (state) => preferences.set(WINDOW_PLACE, state),
      onReloaded: () => this.#events.push({ kind: 'reloaded' }),
    })
    window.on('close', (event) => {
      // On a Mac the app stays without its window, and so do its jobs.
      if (process.platform === 'darwin' || this.#mayQuit || this.#runningJobs() === 0) return
      event.preventDefault()
      void this.#askToQuit()
    })
    return window
  }

  #runningJobs(): number {
    return this.#workbench.jobs.list().filter(({ status }) => status === 'running' || status === 'waiting').length
  }

  /** Jobs go on behind a hidden window, or are paused; the next start goes on with them. */
  async #askToQuit(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    try {
      const [window] = BrowserWindow.getAllWindows()
      const texts = this.#texts
      const options = {
        type: 'question' as const,
        message: texts.jobsTitle(this.#runningJobs()),
        detail: texts.jobsDetail,
        buttons: [texts.background, texts.pauseAndQuit, texts.cancel],
        defaultId: 0,
        cancelId: 2,
        noLink: true,
      }
      const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options))
      if (response === 0) {
        window?.hide()
        void this.#quitWhenIdle()
      } else if (response === 1) {
        this.#mayQuit = true
        app.quit()
      }
    } finally {
      this.#asking = false
    }
  }

  async #quitWhenIdle(): Promise<void> {
    const isHidden = (): boolean => !BrowserWindow.getAllWindows().some((window) => window.isVisible())
    const stop = new AbortController()
    for await (const _ of this.#workbench.jobs.watch(stop.signal)) if (!isHidden() || this.#runningJobs() === 0) break
    stop.abort()
    if (isHidden()) app.quit()
  }

  async #pick(what: PickKind): Promise<string[]> {
    return await pickPaths(what, this.#texts)
  }

  /** What a page did, as far as it concerns the menu. */
  #hear({ path, input }: Mutation): void {
    if (path === 'documents.add') void this.#rememberPaths(added.safeParse(input).data?.paths ?? [])
    else if (path === 'models.add') {
      const file = z.object({ path: z.string() }).safeParse(input).data?.path
      if (file) this.#remember([recentPath('model', file)])
    } else if (path === 'preferences.set') {
      const { name, value } = preferenceSet.safeParse(input).data ?? {}
      if (name === 'set' && typeof value === 'string') void this.#rememberSet(value)
      if (name === 'language' || name === RECENT_PLACE) this.#setMenu()
    }
  }

  async #rememberPaths(paths: readonly string[]): Promise<void> {
    const items = await Promise.all(
      paths.slice(0, 5).map(async (path) => {
        const facts = await stat(path).catch(() => null)
        return facts ? [recentPath(facts.isDirectory() ? 'folder' : 'file', path)] : []
      }),
    )
    for (const { kind, target } of items.flat()) if (kind === 'file') app.addRecentDocument(target)
    this.#remember(items.flat())
  }

  async #rememberSet(id: string): Promise<void> {
    const set = (await this.#workbench.sets.list()).find((each) => each.id === id)
    if (set) this.#remember([{ kind: 'set', name: set.name, target: set.id }])
  }

  #remember(items: readonly RecentItem[]): void {
    if (items.length === 0) return
    const { preferences } = this.#workbench
    preferences.set(RECENT_PLACE, asJson(remembering(recentOf(preferences.all()[RECENT_PLACE]), items)))
    this.#setMenu()
  }

  #setMenu(): void {
    const recent = recentOf(this.#workbench.preferences.all()[RECENT_PLACE])
    const state = { texts: this.#texts, platform: process.platform, recent, keys: this.#keys }
    const template = menuTemplate(state, {
      run: (command) => this.#events.push({ kind: 'command', command }),
      open: (item) => this.#events.push(eventOfRecent(item)),
      clearRecent: () => {
        this.#workbench.preferences.set(RECENT_PLACE, null)
        app.clearRecentDocuments()
        this.#setMenu()
      },
      openBundle: () => void this.#openBundle(),
      showModelsSite: () => void openExternal(MODELS_URL),
      showCrashReports: () => void this.#showCrashReports(),
      quit: () => app.quit(),
    })
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  }

  async #openBundle(): Promise<void> {
    const [path] = await this.#pick('bundle')
    if (path !== undefined) this.open(await eventOfFile(path))
  }

  async #showCrashReports(): Promise<void> {
    try {
      makeFolderSync(this.#crashes.folder)
    } catch (error) {
      log('crash', errorText(error))
    }
    const failure = await shell.openPath(this.#crashes.folder)
    if (failure) log('crash', failure)
  }
}

function eventOfRecent({ kind, target }: RecentItem): ShellEvent {
  switch (kind) {
    case 'file':
    case 'folder':
      return { kind: 'import', paths: [target] }
    case 'set':
      return { kind: 'open', route: `/library/${encodeURIComponent(target)}` }
    case 'model':
      return { kind: 'model', path: target }
  }
}
