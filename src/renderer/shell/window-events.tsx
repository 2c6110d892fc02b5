/** The page's side of the window around it: commands of the menu, links and files that were opened, keys for the menu to show. */
import { useEffect, useState } from 'react'
import type { MenuCommand, ShellEvent, ShownKeys } from '../../shared/shell'
import { client } from '../rpc/client'
import { strings } from '../strings'
import { saveWith } from '../ui/export'
import { failureOf, inShort } from '../ui/failure'
import { bytes } from '../ui/format'
import { Modal } from '../ui/modal'
import { useStore } from '../ui/store'
import { allCommands, commands } from './commands'
import { keysOf } from './keys'
import { nextLanguage, switchLanguage } from './language'
import { importPaths, openModel, useFileCommands } from './open-files'
import { preference, usePreference } from './preferences'
import { go } from './routes'
import { THEMES } from './theme-choice'
import { toast } from './undo'

const texts = strings.window

type Bundle = Extract<ShellEvent, { kind: 'bundle' }>

export function WindowEvents() {
  const [bundle, setBundle] = useState<Bundle | null>(null)
  useShownKeys()
  useFileCommands()
  useEffect(() => {
    saveWith((name, content) => void save(name, content))
    const subscription = client.shell.events.subscribe(undefined, {
      onData: (event) => {
        if (event.kind === 'bundle') setBundle(event)
        else take(event)
      },
      onError: (error) => toast(inShort(failureOf(error))),
    })
    return () => subscription.unsubscribe()
  }, [])
  if (!bundle) return null
  return (
    <Modal title={texts.bundleTitle} onClose={() => setBundle(null)}>
      <p style={{ marginTop: 8 }}>
        <bdi>{texts.bundle(bundle.name, bytes(bundle.bytes))}</bdi>
      </p>
      <p style={{ marginTop: 8 }}>{texts.bundleLater}</p>
      <div className="line" style={{ marginTop: 16 }}>
        <button type="button" className="button push" onClick={() => setBundle(null)}>
          {texts.close}
        </button>
      </div>
    </Modal>
  )
}

function take(event: Exclude<ShellEvent, Bundle>): void {
  switch (event.kind) {
    case 'command':
      return runCommand(event.command)
    case 'open':
      return go(event.route)
    case 'import':
      return importPaths(event.paths)
    case 'model':
      return openModel(event.path)
    case 'reloaded':
      return toast(texts.reloaded, { stays: true })
    case 'update':
      return toast(texts.update(event.version), { stays: true })
  }
}

/** Ids of the page's commands that the menu's stand for; the last one that there is runs. */
const COMMANDS: Readonly<Record<Exclude<MenuCommand, 'theme' | 'language'>, string>> = {
  'set.new': 'set.new',
  'import.files': 'import.files',
  'import.folder': 'import.folder',
  'model.open': 'model.open',
  ask: 'go.ask',
  palette: 'palette',
  settings: 'go.settings',
  list: 'layout.list',
  inspector: 'layout.inspector',
  'help.words': 'go.help',
  'help.keys': 'go.settings',
}

function runCommand(name: MenuCommand): void {
  if (name === 'language') return switchLanguage(nextLanguage())
  const id = name === 'theme' ? `theme.${nextTheme()}` : COMMANDS[name]
  const command = allCommands().find((each) => each.id === id)
  if (command && !command.disabled) command.run()
}

function nextTheme(): string {
  const at = THEMES.findIndex((theme) => theme === (preference('theme') ?? 'auto'))
  return THEMES[(at + 1) % THEMES.length] ?? 'auto'
}

/** Tells the menu which keys run what, here and now. */
function useShownKeys(): void {
  useStore(commands, ({ lists }) => lists)
  usePreference('keys', {})
  const known = new Map(allCommands().map((command) => [command.id, command]))
  const keys: ShownKeys = {}
  for (const [name, id] of Object.entries(COMMANDS)) {
    const command = known.get(id)
    if (command) keys[name as MenuCommand] = keysOf(command)
  }
  const shown = JSON.stringify(keys)
  useEffect(() => {
    const timer = setTimeout(() => {
      client.shell.showKeys.mutate(JSON.parse(shown) as ShownKeys).catch(() => undefined)
    }, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [shown])
}

/** Pages come and go with their commands. */
const SETTLE_MS = 200

async function save(name: string, content: Blob): Promise<void> {
  try {
    const data = await base64Of(content)
    const place = await client.shell.saveFile.mutate({ name, data })
    if (place !== null) toast(texts.saved(place))
  } catch (error) {
    toast(inShort(failureOf(error)))
  }
}

const PART = 32_768

async function base64Of(content: Blob): Promise<string> {
  const data = new Uint8Array(await content.arrayBuffer())
  const parts: string[] = []
  // Not all at once: a call takes only so many arguments.
  for (let at = 0; at < data.length; at += PART) parts.push(String.fromCharCode(...data.subarray(at, at + PART)))
  return btoa(parts.join(''))
}
