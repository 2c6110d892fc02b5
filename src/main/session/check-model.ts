/** The gate: what has to hold of a model file before its caches may be blended. */
import { CHECKS, type CheckName, type CheckOutcome, type ModelVerdict } from '../../shared/calibration'
import type { JobProgress } from '../../shared/jobs'
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
  readonly onProgress?: (progress: JobProgress) => void
  /** A pause between two measurements, where one is wanted. */
  readonly checkpoint?: () => Promise<void>
}

const CHECKERS: Readonly<Record<CheckName, (checkup: Checkup) => Promise<Finding>>> = { parity, equality, shift, needle }

/**
 * Runs every check, also behind one that failed. Nothing is stored.
 * @throws cancelled, engine.died, and what else says nothing about the model
 */
export async function checkModel(checkup: Checkup, { engineVersion, onProgress, checkpoint }: CheckOptions): Promise<ModelVerdict> {
  const checks: CheckOutcome[] = []
  for (const [done, name] of CHECKS.entries()) {
    await checkpoint?.()
    throwIfCancelled(checkup.signal)
    onProgress?.({ step: { code: name }, done, total: CHECKS.length })
    const startedAt = performance.now()
    const finding = await CHECKERS[name](checkup).catch(findingOf)
    checks.push({ name, ...finding, ms: performance.now() - startedAt })
  }
  onProgress?.({ step: { code: 'checked' }, done: CHECKS.length, total: CHECKS.length })
  const passed = checks.some(({ result }) => result === 'passed') && !checks.some(({ result }) => result === 'failed')
  return { passed, checks, engine: engineVersion, device: checkup.loaded.device, checkedAt: new Date().toISOString() }
}

/** An engine that cannot compute with the model is a finding; what else goes wrong is not the model's fault. */
function findingOf(error: unknown): Finding {
  if (!(error instanceof WorkbenchError)) throw error
  const { code, message, detail: said } = toErrorData(error)
  if (code === 'engine.failed') return { result: 'failed', detail: message, said }
  if (code === 'engine.memory') return { result: 'skipped', detail: message, said }
  throw error
}
