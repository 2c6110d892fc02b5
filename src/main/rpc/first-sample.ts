import { toErrorData } from '../../shared/errors'
import type { Workbench } from '../../shared/workbench'
import { log } from '../base/log'
import { announce } from './changes'

/**
 * The first start has something to ask; later ones leave alone what a person removed. Nobody waits for it: it takes the
 * engine, and pages hear of it.
 */
export function ensureFirstSample(workbench: Workbench): void {
  void (async () => {
    if ((await workbench.sets.list()).length > 0) return
    await workbench.sets.ensureSample()
    announce(workbench, { page: Symbol('start'), path: 'sets.ensureSample', input: undefined })
  })().catch((error: unknown) => log('sample', toErrorData(error).code))
}
