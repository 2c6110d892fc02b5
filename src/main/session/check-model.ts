/** The gate: what has to hold of a model file before its caches may be blended. */
import { CHECKS, type CheckName, type CheckOutcome, type ModelVerdict } from '../../shared/calibration'
import { toErrorData, WorkbenchError } from '../../shared/errors'
import { throwIfCancelled } from '../base/cancelled'
import type { Checkup, Finding } from './check/checkup'
import { equality } from './check/equality'
import { needle } from './check/needle'
import { parity } from './check/parity'
import { shift } from './check/shift'

export interface CheckOptions {
  /** The engine's version, for the verdict. */
  readonly engineVersion: string
  readonly onProgress?: (progress: { readonly phase: string; readonly done: number; readonly total: number }) => void
}

const CHECKERS: Readonly<Record<CheckName, { readonly phase: string; readonly run: (checkup: Checkup) => Promise<Finding> }>> = {
  parity: { phase: 'Comparing with libllama', run: parity },
  equality: { phase: 'Recomputing everything', run: equality },
  shift: { phase: 'Moving a context', run: shift },
  needle: { phase: 'Looking for planted numbers', run: needle },
}

/**
 * Runs every check, also behind one that failed. Nothing is stored.
 * @throws cancelled, engine.died, and what else says nothing about the model
 */
export async function checkModel(checkup: Checkup, { engineVersion, onProgress }: CheckOptions): Promise<ModelVerdict> {
  const checks: CheckOutcome[] = []
  for (const [done, name] of CHECKS.entries()) {
    throwIfCancelled(checkup.signal)
    const { phase, run } = CHECKERS[name]
    onProgress?.({ phase, done, total: CHECKS.length })
    const startedAt = performance.now()
    const finding = await run(checkup).catch(findingOf)
    checks.push({ name, ...finding, ms: performance.now() - startedAt })
  }
  onProgress?.({ phase: 'Checked', done: CHECKS.length, total: CHECKS.length })
  const passed = checks.some(({ result }) => result === 'passed') && !checks.some(({ result }) => result === 'failed')
  return { passed, checks, engine: engineVersion, device: checkup.loaded.device, checkedAt: new Date().toISOString() }
}

/** An engine that cannot compute with the model is a finding; what else goes wrong is not the model's fault. */
function findingOf(error: unknown): Finding {
  if (!(error instanceof WorkbenchError)) throw error
  const { code, message } = toErrorData(error)
  if (code === 'engine.failed') return { result: 'failed', detail: message }
  if (code === 'engine.memory') return { result: 'skipped', detail: message }
  throw error
}
