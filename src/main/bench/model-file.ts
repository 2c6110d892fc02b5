/** Models that are named for a bench, and what the workbench's own data folder knows of them. */
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Calibration, ModelVerdict } from '../../shared/calibration'
import { WorkbenchError } from '../../shared/errors'
import { engineVersion } from '../engine/engine-version'
import { findCalibration } from '../store/calibrations'
import { findVerdict } from '../store/model-checks'
import { modelRows } from '../store/model-rows'
import { openStore, type Store } from '../store/store'

/** A data folder, and its store where that is open already. */
export interface StorePlace {
  readonly dataDir: string
  readonly store?: Store
}

export interface NamedModel {
  readonly name: string
  readonly path: string
}

/** By the path of a file, or the id that it has in the workbench. @throws `not-found` */
export async function findModel(place: StorePlace, named: string): Promise<NamedModel> {
  const path = resolve(named)
  const isFile = await stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  )
  if (isFile) return { name: basename(path), path }
  const row = await withStore(place, (store) => modelRows(store.sql).find(named))
  if (row) return { name: row.id, path: row.path }
  throw new WorkbenchError(
    'not-found',
    `Expected a model's id or the path of a GGUF file, got '${named}'. \`kvasir models list\` shows the ids.`,
  )
}

export interface KnownOfModel {
  /** Null: not checked on this device. */
  readonly verdict: ModelVerdict | null
  readonly calibration: Calibration | null
}

/** What checks and calibrations have found out about a model. */
export async function knownOf(
  place: StorePlace,
  { fingerprint, device, version }: { readonly fingerprint: string; readonly device: string; readonly version: string },
): Promise<KnownOfModel> {
  const known = await withStore(place, ({ sql }) => ({
    verdict: findVerdict(sql, fingerprint, engineVersion(version), device),
    calibration: findCalibration(sql, fingerprint, null),
  }))
  return known ?? { verdict: null, calibration: null }
}

/** Null where there is no workbench yet: a bench makes none. */
async function withStore<T>({ dataDir, store: open }: StorePlace, work: (store: Store) => T): Promise<T | null> {
  if (open) return work(open)
  if (!existsSync(join(dataDir, 'index.sqlite'))) return null
  await using store = await openStore(dataDir)
  return work(store)
}
