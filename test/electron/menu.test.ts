/** The application menu as a value. */
import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it, vi } from 'vitest'
import { acceleratorOf, menuTemplate, type MenuActions, type MenuState } from '../../src/main/electron/menu'
import { shellLanguage, shellTexts } from '../../src/main/electron/texts'
import { menuCommands } from '../../src/shared/shell'

type Item = MenuItemConstructorOptions

const state: MenuState = { texts: shellTexts('en'), platform: 'linux', recent: [], keys: {} }

function actions(): MenuActions {
  return {
    run: vi.fn(),
    open: vi.fn(),
    clearRecent: vi.fn(),
    openBundle: vi.fn(),
    showModelsSite: vi.fn(),
    showCrashReports: vi.fn(),
    quit: vi.fn(),
  }
}

function all(items: readonly Item[]): Item[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? all(item.submenu) : [])])
}

const labelled = (items: readonly Item[], label: string): Item | undefined => all(items).find((item) => item.label === label)
const click = (item: Item | undefined): void => (item?.click as (() => void) | undefined)?.()

describe('the menu', () => {
  it('has every command of the page once, on every platform', () => {
    for (const platform of ['linux', 'win32', 'darwin'] as const) {
      const ids = all(menuTemplate({ ...state, platform }, actions())).flatMap(({ id }) => id ?? [])
      expect(ids.toSorted()).toEqual([...menuCommands].toSorted())
    }
  })

  it('runs them', () => {
    const given = actions()
    const items = menuTemplate(state, given)
    for (const command of menuCommands) click(all(items).find(({ id }) => id === command))
    expect(vi.mocked(given.run).mock.calls.flat().toSorted()).toEqual([...menuCommands].toSorted())
    click(labelled(items, 'Open a bundle (.kvb)…'))
    click(labelled(items, 'Find models (GGUF)'))
    click(labelled(items, 'Show crash reports'))
    click(labelled(items, 'Quit Kvasir'))
    expect([given.openBundle, given.showModelsSite, given.showCrashReports, given.quit].map((each) => vi.mocked(each).mock.calls.length)).toEqual([1, 1, 1, 1])
  })

  it('is in Chinese throughout where that is chosen', () => {
    const items = all(menuTemplate({ ...state, texts: shellTexts('zh') }, actions()))
    const foreign = items.filter(({ label, type }) => type !== 'separator' && !/[\u4e00-\u9fff]/.test(label ?? ''))
    expect(foreign).toEqual([])
    expect(shellLanguage('zh', 'en-GB')).toBe('zh')
    expect(shellLanguage(undefined, 'zh-CN')).toBe('zh')
    expect(shellLanguage('auto', 'de')).toBe('en')
  })

  it('opens what was opened last, and forgets it', () => {
    const given = actions()
    const recent = [
      { kind: 'set', name: 'R&D notes', target: 'set1' },
      { kind: 'file', name: `${'long '.repeat(40)}.md`, target: '/a.md' },
    ] as const
    const items = menuTemplate({ ...state, recent }, given)
    click(labelled(items, 'R&&D notes'))
    expect(given.open).toHaveBeenCalledWith(recent[0])
    expect(all(items).every(({ label = '' }) => label.length <= 60)).toBe(true)
    click(labelled(items, 'Clear the list'))
    expect(given.clearRecent).toHaveBeenCalled()
    expect(labelled(menuTemplate(state, given), 'Nothing yet')?.enabled).toBe(false)
  })

  it('shows the keys of the page and leaves them to it', () => {
    const items = menuTemplate({ ...state, keys: { palette: 'mod+K', theme: null, ask: 'mod+?' } }, actions())
    const of = (command: string): Item | undefined => all(items).find(({ id }) => id === command)
    expect(of('palette')).toMatchObject({ accelerator: 'CommandOrControl+K', registerAccelerator: false })
    expect(of('theme')).not.toHaveProperty('accelerator')
    expect(of('inspector')).not.toHaveProperty('accelerator')
  })
})

it.each([
  ['mod+shift+B', 'CommandOrControl+Shift+B'],
  ['mod+1', 'CommandOrControl+1'],
  ['mod+,', 'CommandOrControl+,'],
  ['alt+ArrowUp', 'Alt+Up'],
  ['F2', 'F2'],
  ['mod+Plus', 'CommandOrControl+Plus'],
  ['hyper+X', null],
  ['mod+Ö', null],
  ['', null],
])('%s is %s for Electron', (keys, accelerator) => {
  expect(acceleratorOf(keys)).toBe(accelerator)
})
