/** Codebooks: rows, and files `codebooks/<SHA-256 of the file>.kvc`. A model has one in use per profile; copies keep theirs. */
import { rmSync } from 'node:fs'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodebookFile } from '../../shared/engine'
import type { CodedProfile, ProfileCalibration, ProfileFacts } from '../../shared/profile'
import { WorkbenchError } from '../../shared/errors'
import { moveDurably, syncFolder } from '../base/durable-files'
import type { Leases } from './leases'
import type { Sql } from './sql'

const SUFFIX = '.kvc'
const NEEDED = `SELECT digest FROM codebooks WHERE is_current = 1 UNION SELECT codebook FROM copies
  UNION SELECT json_extract(entry, '$.codebook') FROM trash`

export class Codebooks {
  readonly #sql: Sql
  readonly #folder: string
  readonly #leases: Leases

  constructor(sql: Sql, { folder, leases }: { readonly folder: string; readonly leases: Leases }) {
    this.#sql = sql
    this.#folder = folder
    this.#leases = leases
  }

  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
  }

  file(digest: string): CodebookFile {
    return { path: join(this.#folder, digest + SUFFIX), digest }
  }

  /** The one in use. */
  current(model: string, profile: CodedProfile): ProfileFacts | null {
    const row = this.#sql.get<{ facts: string }>(
      'SELECT facts FROM codebooks WHERE model = ? AND profile = ? AND is_current = 1',
      [model, profile],
    )
    return row ? (JSON.parse(row.facts) as ProfileFacts) : null
  }

  calibration(model: string): ProfileCalibration | null {
    const row = this.#sql.get<{ value: string }>('SELECT value FROM profile_calibrations WHERE model = ?', [model])
    return row ? (JSON.parse(row.value) as ProfileCalibration) : null
  }

  /** Keeps a codebook's file where it is until it is given back. */
  hold(digest: string): Disposable {
    this.#leases.take([digest])
    return { [Symbol.dispose]: () => this.#leases.giveBack([digest]) }
  }

  /** Takes a calibration's codebooks into use; `staged` are their files by digest. */
  async put(model: string, calibration: ProfileCalibration, staged: ReadonlyMap<string, string>): Promise<void> {
    const digests = [...staged.keys()]
    // Held, so that nobody takes a file for a crash's remains before its row is there.
    this.#leases.take(digests)
    try {
      for (const [digest, path] of staged) await this.#move(path, digest)
      this.#insert(model, calibration)
    } finally {
      this.#leases.giveBack(digests)
    }
  }

  /** The calibration's files may lie on another disk. */
  async #move(path: string, digest: string): Promise<void> {
    const beside = `${this.file(digest).path}.${process.pid}`
    await copyFile(path, beside)
    await moveDurably(beside, this.file(digest).path)
  }

  #insert(model: string, calibration: ProfileCalibration): void {
    if (new Set(calibration.profiles.map(({ codebook }) => codebook)).size < calibration.profiles.length) {
      throw new WorkbenchError(
        'argument.invalid',
        'Expected profiles of different sizes, but two of them came to the same codebook. Ask for bits further apart.',
      )
    }
    this.#sql.transaction(() => {
      this.#sql.run('UPDATE codebooks SET is_current = 0 WHERE model = ?', [model])
      for (const facts of calibration.profiles) {
        this.#sql.run(
          `INSERT INTO codebooks (digest, model, profile, facts, is_current, made_at) VALUES (?, ?, ?, ?, 1, ?)
           ON CONFLICT (digest) DO UPDATE SET profile = excluded.profile, facts = excluded.facts, is_current = 1`,
          [facts.codebook, model, facts.profile, JSON.stringify(facts), facts.madeAt],
        )
      }
      this.#sql.run(
        `INSERT INTO profile_calibrations (model, value, made_at) VALUES (?, ?, ?)
         ON CONFLICT (model) DO UPDATE SET value = excluded.value, made_at = excluded.made_at`,
        [model, JSON.stringify(calibration), new Date().toISOString()],
      )
    })
  }

  /** Removes what no profile, no copy and nobody who is coding needs. @returns how many files went */
  async sweep(): Promise<number> {
    const needed = new Set(this.#sql.all<{ digest: string }>(NEEDED).map(({ digest }) => digest + SUFFIX))
    let removed = 0
    for (const name of await readdir(this.#folder)) {
      if (needed.has(name)) continue
      removed += this.#leases.withFree([name.slice(0, 64)], ([free]) => {
        if (free === undefined || this.#sql.get(`SELECT 1 FROM (${NEEDED}) WHERE digest = ?`, [free])) return 0
        this.#sql.run('DELETE FROM codebooks WHERE digest = ?', [free])
        rmSync(join(this.#folder, name), { force: true })
        return 1
      })
    }
    if (removed > 0) await syncFolder(this.#folder)
    return removed
  }
}
