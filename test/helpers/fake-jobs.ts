/** The real queue of jobs, with work that only takes time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { throwIfCancelled } from '../../src/main/base/cancelled'
import { Jobs } from '../../src/main/jobs/jobs'
import { WorkbenchError } from '../../src/shared/errors'
import type { JobOutcome, JobStepCode, JobSubject } from '../../src/shared/jobs'
import type { JobState, Workbench } from '../../src/shared/workbench'

export interface FakeWork {
  readonly set: { readonly id: string; readonly name: string } | null
  readonly total: number
  /** What one step does. */
  readonly step?: (index: number) => unknown
}

export interface FakeJobs {
  readonly jobs: Jobs
  readonly calls: Workbench['jobs']
  readonly start: (kind: JobState['kind'], work: FakeWork) => JobState
}

type Shown = { readonly code: JobStepCode; readonly unit: JobState['unit'] }

const SHOWN: Readonly<Record<JobState['kind'], Shown>> = {
  import: { code: 'reading', unit: 'files' },
  build: { code: 'encoding', unit: 'tokens' },
  check: { code: 'parity', unit: 'checks' },
  calibrate: { code: 'comparing', unit: 'answers' },
  recode: { code: 'coding', unit: 'caches' },
  scrub: { code: 'verifying', unit: 'caches' },
  bench: { code: 'measuring', unit: 'measurements' },
}

export function fakeJobs(stepMs: number, model: string): FakeJobs {
  const jobs = new Jobs()
  return {
    jobs,
    calls: {
      list: () => jobs.list(),
      watch: (signal) => jobs.watch(signal),
      finished: (id) => jobs.finished(id),
      cancel: (id) => jobs.cancel(id),
      pause: (id) => jobs.pause(id),
      resume: (id) => jobs.resume(id),
      retry: (id) => jobs.retry(id),
      move: (id, to) => jobs.move(id, to),
      clear: () => jobs.clear(),
      unfinished: () => [],
      takeUp: async () => [],
      drop: (id) => {
        throw new WorkbenchError('not-found', `There is no unfinished job ${id}.`)
      },
    },
    start: (kind, { set, total, step }) => {
      const { code, unit } = SHOWN[kind]
      let done = 0
      return jobs.start({
        kind,
        subject: subjectOf(kind, set?.name ?? 'Sample', model),
        unit,
        set: set?.id ?? null,
        pause: kind === 'check' || kind === 'calibrate' ? 'hold' : 'again',
        run: async ({ signal, report, checkpoint }) => {
          while (done < total) {
            report({ step: { code, name: set?.name ?? model, as: 'small' }, done, total })
            await sleep(stepMs)
            throwIfCancelled(signal)
            await checkpoint()
            step?.(done)
            done++
          }
          report({ step: { code, name: set?.name ?? model, as: 'small' }, done, total })
          return outcomeOf(kind, total, model)
        },
      })
    },
  }
}

function subjectOf(kind: JobState['kind'], set: string, model: string): JobSubject {
  switch (kind) {
    case 'import':
    case 'build':
      return { what: kind, set }
    case 'check':
      return { what: kind, model }
    case 'calibrate':
      return { what: kind, model, set: null }
    case 'recode':
      return { what: kind, set, profile: 'small' }
    case 'scrub':
      return { what: kind, set: null }
    case 'bench':
      return { what: kind, bench: 'suite' }
  }
}

function outcomeOf(kind: JobState['kind'], total: number, model: string): JobOutcome {
  switch (kind) {
    case 'import':
      return { what: kind, added: total, updated: 0, unchanged: 0, failed: 0 }
    case 'build':
      return { what: kind, documents: 1, chunks: total, tokens: total * 20, scored: 0, repaired: 0, coded: 0, profile: 'f16' }
    case 'check': {
      const verdict = { passed: true, checks: [], engine: '0.1.0', device: 'cpu', checkedAt: '2025-01-01T00:00:00.000Z' }
      return { what: kind, model, verdict }
    }
    case 'calibrate':
      return { what: kind, strategies: 12, questions: total, set: null }
    case 'recode':
      return { what: kind, coded: total, damaged: 0, lossyOnly: 0, profile: 'small' }
    case 'scrub':
      return { what: kind, checked: total, damaged: 0 }
    case 'bench':
      return { what: kind, report: 'r1' }
  }
}
