/** Codebooks: rows, and files `codebooks/<SHA-256 of the file>.kvc`. A model has one in use per profile; copies keep theirs. */
import { rmSync } from 'node:fs'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodebookFile } from '../../shared/engine'
import type { CodedProfile, ProfileCalibration, ProfileFacts } from '../../shared/profile'
import { moveDurably, syncFolder } from '../base/durable-files'
import type { Leases } from './leases'
import type { Sql } from './sql'

const SUFFIX = '.kvc'

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

  /** Removes rows that no copy and no profile needs, and files without a row. @returns how many files went */
  async sweep(): Promise<number> {
    this.#sql.run(
      `DELETE FROM codebooks WHERE is_current = 0 AND NOT EXISTS (SELECT 1 FROM copies WHERE codebook = digest)
         AND NOT EXISTS (SELECT 1 FROM trash WHERE json_extract(entry, '$.codebook') = digest)`,
    )
    const known = new Set(
      this.#sql.all<{ digest: string }>('SELECT digest FROM codebooks').map(({ digest }) => digest + SUFFIX),
    )
    let removed = 0
    for (const name of await readdir(this.#folder)) {
      if (known.has(name)) continue
      removed += this.#leases.withFree([name.slice(0, 64)], ([free]) => {
        if (free === undefined || this.#isKnown(free)) return 0
        rmSync(join(this.#folder, name), { force: true })
        return 1
      })
    }
    if (removed > 0) await syncFolder(this.#folder)
    return removed
  }

  #isKnown(digest: string): boolean {
    return this.#sql.get('SELECT 1 FROM codebooks WHERE digest = ?', [digest]) !== undefined
  }
}
