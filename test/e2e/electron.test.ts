/** The app in a real Electron: what the double cannot show. Skipped, with the reason, where no binary can be had. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron } from 'playwright'
import { describe, expect, it } from 'vitest'

const binary = electronBinary()

describe.skipIf('reason' in binary)(
  `the app in Electron${'reason' in binary ? ` (skipped: ${binary.reason})` : ''}`,
  () => {
    it('opens its window, isolated and sandboxed, and answers over IPC', async () => {
      const data = await mkdtemp(join(tmpdir(), 'kvasir-electron-'))
      const app = await _electron.launch({
        executablePath: 'path' in binary ? binary.path : undefined,
        args: [resolve('.'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
        env: { ...process.env, KVASIR_DATA_DIR: data },
      })
      try {
        const page = await app.firstWindow()
        expect(page.url()).toBe('app://kvasir/index.html')
        await page.getByRole('treeitem').first().waitFor({ timeout: 60_000 })
        expect(
          await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis)),
        ).toEqual([])
        expect(await page.evaluate(() => Object.keys(window.kvasir ?? {}).sort())).toEqual([
          'onMessage',
          'pathForFile',
          'send',
        ])
        expect(await page.evaluate(() => window.open('https://evil.example/'))).toBeNull()
        expect(
          await page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state),
        ).toBe('denied')
        await page.evaluate(() => (location.href = 'https://evil.example/'))
        expect(page.url()).toBe('app://kvasir/index.html')
      } finally {
        await app.close()
        await rm(data, { recursive: true, force: true })
      }
    })
  },
)

/** Where the installed Electron is; its package downloads nothing by being asked this way. */
function electronBinary(): { path: string } | { reason: string } {
  const folder = resolve('node_modules/electron')
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return { reason: 'no display' }
  const name = join(folder, 'path.txt')
  if (!existsSync(name)) return { reason: 'no Electron binary; `npx install-electron` fetches it' }
  const path = join(folder, 'dist', readFileSync(name, 'utf8').trim())
  return existsSync(path) ? { path } : { reason: 'no Electron binary; `npx install-electron` fetches it' }
}
