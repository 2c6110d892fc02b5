/** Crash reports: few, small, and nothing in them of what the program worked on. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  countCrashReports,
  CrashReports,
  crashOf,
  MAX_CRASH_REPORTS,
  MAX_PER_MINUTE,
  MAX_REPORT_BYTES,
  reportText,
} from '../../src/main/base/crash-reports'
import { tempFolder } from '../helpers/temp-folder'

const now = new Date('2026-11-28T10:00:00Z')
const page = { place: 'page' as const, name: 'TypeError', message: 'x is not a function', stack: '' }

describe('a crash report', () => {
  it('says what happened, where, and in which version', () => {
    const text = reportText(crashOf('main', new RangeError('Invalid array length')), { now, version: '1.2.3' })
    expect(text).toContain('Kvasir 1.2.3, 2026-11-28T10:00:00.000Z, in the main')
    expect(text).toContain('RangeError: Invalid array length')
    expect(text).toMatch(/at .*crash-reports\.test\.ts:\d+:\d+/)
    expect(text).toContain(`Node ${process.versions.node}`)
  })

  it('holds no document text, token, address, folder or name of a person', () => {
    const secrets = ['Peter Stone', 'Gehalt', 'tok3n-tok3n-tok3n-tok3n-tok3n', '/home/peter', 'C:\\Users', 'peter/papers']
    const stack = `TypeError: "Peter Stone earns"
Gehalt: 100
    at read (/home/peter/papers/app/out/main/cli.js:10:3)
    at C:\\Users\\peter\\kvasir\\out\\main\\index.js:1:1
    at http://127.0.0.1:8080/assets/app-x.js?token=tok3n-tok3n-tok3n-tok3n-tok3n:5:7
render@http://127.0.0.1:8080/assets/app-x.js:5:7`
    for (const message of [
      'Unexpected token \'G\', "Peter Stone: Gehalt" is not valid JSON',
      'cannot read “Gehalt” in /home/peter/papers/salary.md',
      'unterminated "Gehalt of Peter Stone',
      'see http://127.0.0.1:1/#token=tok3n-tok3n-tok3n-tok3n-tok3n',
      'key tok3n-tok3n-tok3n-tok3n-tok3n is wrong in C:\\Users\\peter\\a.md',
    ]) {
      const text = reportText({ ...page, message, stack }, { now, version: '' })
      for (const secret of secrets) expect(text, message).not.toContain(secret)
      expect(text).toContain('at read (cli.js:10:3)')
    }
  })

  it('is small whatever comes', () => {
    const stack = Array.from({ length: 5000 }, () => `    at ${'ü'.repeat(200)} (a.js:1:1)`).join('\n')
    const text = reportText({ ...page, message: 'm '.repeat(9000), stack }, { now, version: '' })
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_REPORT_BYTES + 3)
  })

  it('is written readable by its owner only, and counted', async () => {
    await using folder = await tempFolder()
    const reports = new CrashReports(folder.path, '1')
    expect(countCrashReports(folder.path)).toBe(0)
    expect(reports.write(page)).toBe(true)
    const [name = ''] = readdirSync(reports.folder)
    expect(readFileSync(join(reports.folder, name), 'utf8')).toContain('x is not a function')
    if (process.platform !== 'win32') expect(statSync(join(reports.folder, name)).mode & 0o777).toBe(0o600)
    expect(countCrashReports(folder.path)).toBe(1)
  })

  it('comes no more often than a few times a minute', async () => {
    await using folder = await tempFolder()
    const reports = new CrashReports(folder.path)
    const written = Array.from({ length: 50 }, () => reports.write(page, now)).filter(Boolean)
    expect(written).toHaveLength(MAX_PER_MINUTE)
    expect(reports.write(page, new Date(now.getTime() + 61_000))).toBe(true)
  })

  it('makes room for newer ones, and leaves other files alone', async () => {
    await using folder = await tempFolder()
    const reports = new CrashReports(folder.path)
    const at = (minute: number): Date => new Date(now.getTime() + minute * 61_000)
    reports.write(page, at(0))
    writeFileSync(join(reports.folder, 'notes.txt'), 'mine')
    for (let minute = 1; minute < MAX_CRASH_REPORTS + 5; minute++) reports.write({ ...page, name: `E${minute}` }, at(minute))
    expect(countCrashReports(folder.path)).toBe(MAX_CRASH_REPORTS)
    const texts = readdirSync(reports.folder).map((name) => readFileSync(join(reports.folder, name), 'utf8'))
    expect(texts).toContain('mine')
    expect(texts.join()).toContain(`E${MAX_CRASH_REPORTS + 4}:`)
    expect(texts.join()).not.toContain('E4:')
  })

  it('never makes things worse', () => {
    expect(new CrashReports('/proc/nowhere').write(page)).toBe(false)
    expect(crashOf('page', 'a text')).toEqual({ place: 'page', name: 'string', message: '', stack: '' })
  })
})
