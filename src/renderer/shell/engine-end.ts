import type { EngineStatus } from '../../shared/workbench'
import { inShort } from '../ui/failure'

/** Why the engine last ended, in the page's language; empty where it never did. */
export function engineEnd({ lastFailure, said }: EngineStatus): string {
  return lastFailure === null ? '' : inShort({ code: 'engine.died', text: lastFailure, detail: said })
}
