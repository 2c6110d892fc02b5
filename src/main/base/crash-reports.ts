/**
 * Faults of the program as small text files in the data folder, for the person who owns it to read or to send: nothing
 * sends them. They say where the program stood, not what it worked on: what stands in quotes is left out, paths are cut
 * to their names.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform, release } from 'node:os'
import { join } from 'node:path'
import type { CrashReport } from '../../shared/shell'
import { makeFolderSync } from './data-dir'
import { errorText } from './error-code'
import { log } from './log'

export const MAX_CRASH_REPORTS = 20
export const MAX_REPORT_BYTES = 8 * 1024
/** Within a minute; a page that fails in a loop fills nothing. */
export const MAX_PER_MINUTE = 5

const MINUTE_MS = 60_000
const MAX_MESSAGE_CHARS = 500
const MAX_FRAMES = 30
const REPORT = /^crash-[0-9TZ-]+-[0-9]+\.txt$/

export const crashFolder = (dataDir: string): string => join(dataDir, 'crash-reports')

export class CrashReports {
  readonly folder: string
  readonly #version: string
  #recent: number[] = []
  #count = 0

  constructor(dataDir: string, version = '') {
    this.folder = crashFolder(dataDir)
    this.#version = version
  }

  /** @returns whether a report was written: not where too many came at once, or the disk refused. Never throws. */
  write(report: CrashReport, now = new Date()): boolean {
    this.#recent = this.#recent.filter((at) => now.getTime() - at < MINUTE_MS)
    if (this.#recent.length >= MAX_PER_MINUTE) return false
    this.#recent.push(now.getTime())
    try {
      makeFolderSync(this.folder)
      const stamp = now.toISOString().replaceAll(/[:.]/g, '-')
      const file = join(this.folder, `crash-${stamp}-${process.pid}${++this.#count}.txt`)
      writeFileSync(file, reportText(report, { now, version: this.#version }), { mode: 0o600, flag: 'wx' })
      this.#prune()
      return true
    } catch (error) {
      log('crash', errorText(error))
      return false
    }
  }

  #prune(): void {
    for (const name of reportNames(this.folder).slice(0, -MAX_CRASH_REPORTS)) rmSync(join(this.folder, name), { force: true })
  }
}

/** Reports in a data folder. */
export function countCrashReports(dataDir: string): number {
  return reportNames(crashFolder(dataDir)).length
}

/** Oldest first. */
function reportNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => REPORT.test(name))
      .sort()
  } catch {
    return []
  }
}

/** Anything thrown, as a report. */
export function crashOf(place: CrashReport['place'], error: unknown): CrashReport {
  if (!(error instanceof Error)) return { place, name: typeof error, message: '', stack: '' }
  return { place, name: error.name, message: error.message, stack: error.stack ?? '' }
}

export function reportText(
  { place, name, message, stack }: CrashReport,
  { now, version }: { readonly now: Date; readonly version: string },
): string {
  const { node, electron, chrome } = process.versions
  const lines = [
    `Kvasir ${version}, ${now.toISOString()}, in the ${place}`,
    `${platform()} ${arch()} ${release()}, Node ${node}${electron ? `, Electron ${electron}, Chromium ${chrome}` : ''}`,
    '',
    `${oneLine(name).slice(0, 100)}: ${withoutContent(oneLine(message.slice(0, 4 * MAX_MESSAGE_CHARS))).slice(0, MAX_MESSAGE_CHARS)}`,
    ...framesOf(stack),
    '',
  ]
  return Buffer.from(lines.join('\n')).subarray(0, MAX_REPORT_BYTES).toString('utf8')
}

/** Only lines that name a place in the program; a stack starts with the message, which may go on for lines. */
function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .flatMap((line) => /^\s*at [^\n]{1,300}$|^[^\s@]{0,200}@[^\n]{1,300}:\d+:\d+$/.exec(line)?.[0] ?? [])
    .slice(0, MAX_FRAMES)
    .map((line) => `  ${withoutPlaces(line.trim())}`)
}

/** A message may quote what the program worked on: texts, names, tokens. */
function withoutContent(message: string): string {
  return withoutPlaces(message)
    .replaceAll(/"[^"]*"?|“[^”]*”?|`[^`]*`?|'[^']*'(?!\w)/g, (quoted) => `"…(${quoted.length})"`)
    .replaceAll(/[A-Za-z0-9_+/=-]{24,}/g, '…')
}

/** Of addresses and paths their last name: neither tokens nor the names of folders and people. */
function withoutPlaces(line: string): string {
  return line
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s()]*\/([^\s()/?#]*)(?:[?#][^\s():]*)?/gi, '$1')
    .replaceAll(/(?:[A-Za-z]:)?(?:[\\/][^\s\\/():]+)+[\\/]([^\s\\/()]+)/g, '$1')
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
