/** The app in a real Electron: what the double cannot show. Skipped, with the reason, where no binary can be had. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron } from 'playwright'
import { describe, expect, it } from 'vitest'
import { electronBinary } from '../helpers/electron-binary'

const binary = electronBinary()

describe.skipIf('reason' in binary)(
  `the app in Electron${'reason' in binary ? ` (skipped: ${binary.reason})` : ''}`,
  () => {
    it('opens its window, isolated and sandboxed, and answers over IPC', async () => {
      const data = await mkdtemp(join(tmpdir(), 'kvasir-electron-'))
      const app = await _electron.launch({
        executablePath: 'path' in binary ? binary.path : undefined,
        args: [resolve('.'), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
        env: { ...process.env, KVASIR_DATA_DIR: data, LANG: 'en_GB.UTF-8' },
      })
      try {
        const page = await app.firstWindow()
        expect(page.url()).toMatch(/^app:\/\/kvasir\/index\.html(#.*)?$/)
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
        expect(page.url()).toMatch(/^app:\/\/kvasir\/index\.html(#.*)?$/)
        const labels = await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label) ?? [])
        expect(labels).toEqual(expect.arrayContaining(['File', 'Edit', 'View', 'Help']))
        // A link that comes while it runs is shown, and nothing more.
        await app.evaluate(({ app: running }) =>
          running.emit('second-instance', {}, ['kvasir', 'kvasir://query/17'], '/', undefined),
        )
        await expect.poll(() => page.evaluate(() => location.hash), { timeout: 10_000 }).toContain('/query/17')
      } finally {
        await app.close()
        await rm(data, { recursive: true, force: true })
      }
    })
  },
)
