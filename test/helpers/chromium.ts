/** The Chromium that browser tests drive; where there is none they are skipped by name. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright'

const CANDIDATES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Path of the browser, or null. */
export const chromiumPath = CANDIDATES.find((path) => path && existsSync(path)) ?? null
/** For a suite's name: empty when the browser is there. */
export const noChromium = chromiumPath ? '' : ' (skipped: no Chromium; install one or set CHROMIUM_PATH)'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext
}

/** A browser with an empty profile, gone with it. */
export async function openBrowser(options: BrowserContextOptions = {}): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'kvasir-profile-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath ?? undefined,
    headless: true,
    args: FLAGS,
    viewport: { width: 1400, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  })
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
