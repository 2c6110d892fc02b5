/** Rows of the gate: verdicts on model files, each for one version of the engine on one device. */
import type { ModelVerdict } from '../../shared/calibration'
import type { Sql } from './sql'

/** The verdict on a model; null: it has not been checked with this engine on this device. */
export function findVerdict(sql: Sql, fingerprint: string, engine: string, device: string): ModelVerdict | null {
  const row = sql.get<{ verdict: string }>(
    'SELECT verdict FROM model_checks WHERE model = ? AND engine = ? AND device = ?',
    [fingerprint, engine, device],
  )
  return row ? (JSON.parse(row.verdict) as ModelVerdict) : null
}

/** The newest verdict on a model with this engine, whatever the device: for lists, which load no model. */
export function latestVerdict(sql: Sql, fingerprint: string, engine: string): ModelVerdict | null {
  const row = sql.get<{ verdict: string }>(
    'SELECT verdict FROM model_checks WHERE model = ? AND engine = ? ORDER BY checked_at DESC LIMIT 1',
    [fingerprint, engine],
  )
  return row ? (JSON.parse(row.verdict) as ModelVerdict) : null
}

/** Replaces an earlier one of the same engine and device. */
export function saveVerdict(sql: Sql, fingerprint: string, verdict: ModelVerdict): void {
  sql.run(
    `INSERT INTO model_checks (model, engine, device, verdict, checked_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (model, engine, device) DO UPDATE SET verdict = excluded.verdict, checked_at = excluded.checked_at`,
    [fingerprint, verdict.engine, verdict.device, JSON.stringify(verdict), verdict.checkedAt],
  )
}
