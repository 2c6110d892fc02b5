import { buildMissing } from '../build/build'
import type { Engine } from '../engine/engine'
import { Pace } from '../jobs/pace'
import type { Store } from '../store/store'
import type { BenchRun } from './slots'

type Build = Omit<Parameters<typeof buildMissing>[2], 'signal' | 'onProgress'>

/** Computes what is missing of the documents' caches and scores, and tells the time left. */
export async function buildCaches(
  engine: Engine,
  store: Store,
  { run, ...build }: Build & { readonly run: BenchRun },
): Promise<void> {
  const pace = new Pace()
  await buildMissing(engine, store, {
    ...build,
    signal: run.signal,
    onProgress: ({ done, total }) =>
      run.onProgress?.({
        step: { code: 'computing-caches' },
        done,
        total,
        unit: 'tokens',
        ...pace.take(done, total, performance.now()),
      }),
  })
}
