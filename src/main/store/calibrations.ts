/** Rows of calibration: what each strategy costs and keeps, per model and set. */
import type { Calibration } from '../../shared/calibration'
import type { Sql } from './sql'

/** How a model's own calibration is filed: it belongs to no set. */
const ANY_SET = ''

/** The set's calibration, else the model's own; null where neither was made. */
export function findCalibration(sql: Sql, fingerprint: string, setId: string | null): Calibration | null {
  const row = sql.get<{ value: string }>(
    // '' sorts before every set's id.
    'SELECT value FROM calibrations WHERE model = ? AND set_id IN (?, ?) ORDER BY set_id DESC LIMIT 1',
    [fingerprint, setId ?? ANY_SET, ANY_SET],
  )
  return row ? (JSON.parse(row.value) as Calibration) : null
}

/** Replaces an earlier one of the same set. */
export function saveCalibration(sql: Sql, fingerprint: string, calibration: Calibration): void {
  sql.run(
    `INSERT INTO calibrations (model, set_id, value, made_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (model, set_id) DO UPDATE SET value = excluded.value, made_at = excluded.made_at`,
    [fingerprint, calibration.set ?? ANY_SET, JSON.stringify(calibration), calibration.madeAt],
  )
}
