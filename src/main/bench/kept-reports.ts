/** Reports that are kept, one file each, in `bench/` of the data folder; removed ones in `bench/removed/`. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchSummary } from '../../shared/bench'
import type { BenchReport } from '../../shared/bench-report'
import { WorkbenchError } from '../../shared/errors'
import { makeDataDir } from '../base/data-dir'
import { writeDurably } from '../base/durable-files'
import { errorCode } from '../base/error-code'
import { sha256 } from '../base/hash'
import { log } from '../base/log'
import { headlineOf } from './insight'
import { parseReport } from './report-file'

/** `suite-20260102-030405-3f2a`: what, when, and a few digits of its content, so that the same report is kept once. */
const ID = /^[a-z0-9]+-\d{8}-\d{6}-[0-9a-f]{8}$/

export class KeptReports {
  readonly #folder: string
  readonly #removed: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'bench')
    this.#removed = join(this.#folder, 'removed')
  }

  /** Keeps it, once. @returns its id */
  async keep(report: BenchReport): Promise<string> {
    const id = idOf(report)
    await makeDataDir(this.#folder)
    await writeDurably(join(this.#folder, `${id}.json`), `${JSON.stringify(report, null, 2)}\n`)
    return id
  }

  /** Newest first; files that are no reports are passed over. */
  async list(): Promise<{ readonly id: string; readonly report: BenchReport }[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    })
    const ids = names.flatMap((name) => (name.endsWith('.json') && ID.test(name.slice(0, -5)) ? [name.slice(0, -5)] : []))
    const all = await Promise.all(
      ids.map(async (id) => {
        try {
          return [{ id, report: await this.read(id) }]
        } catch (error) {
          log('bench', `${id} is left out: ${error instanceof Error ? error.message : String(error)}`)
          return []
        }
      }),
    )
    return all.flat().toSorted((a, b) => b.report.createdAt.localeCompare(a.report.createdAt) || a.id.localeCompare(b.id))
  }

  /** @throws `not-found`, `argument.invalid` for a file that is damaged */
  async read(id: string): Promise<BenchReport> {
    const text = ID.test(id)
      ? await readFile(join(this.#folder, `${id}.json`), 'utf8').catch((error: unknown) => {
          if (errorCode(error) === 'ENOENT') return null
          throw error
        })
      : null
    if (text === null) throw unknown(id)
    return parseReport(text, `the kept report ${id}`)
  }

  /** @throws `not-found` */
  async remove(id: string): Promise<void> {
    await this.#move(id, this.#folder, this.#removed)
  }

  /** @throws `not-found` */
  async restore(id: string): Promise<BenchReport> {
    await this.#move(id, this.#removed, this.#folder)
    return await this.read(id)
  }

  async #move(id: string, from: string, to: string): Promise<void> {
    const file = `${id}.json`
    if (!ID.test(id) || !existsSync(join(from, file))) throw unknown(id)
    await mkdir(to, { recursive: true, mode: 0o700 })
    await rename(join(from, file), join(to, file))
  }
}

/** A report in a line of a list. */
export function summaryOf(id: string, report: BenchReport): BenchSummary {
  const { kind, model, createdAt, command, machine } = report
  return {
    id,
    kind,
    model: model.name,
    createdAt,
    command,
    machine: `${machine.cpu}, ${machine.threads} threads, ${machine.device}`,
    headline: headlineOf(report),
  }
}

/** The same report has the same id, wherever it is taken in from. */
function idOf(report: BenchReport): string {
  const { kind, createdAt } = report
  const [day, time] = new Date(createdAt).toISOString().replaceAll(/[-:]/g, '').slice(0, 15).split('T')
  return `${kind}-${day}-${time}-${sha256(JSON.stringify(report)).slice(0, 8)}`
}

function unknown(id: string): WorkbenchError {
  return new WorkbenchError('not-found', { id: 'report.unknown', params: { id } })
}
