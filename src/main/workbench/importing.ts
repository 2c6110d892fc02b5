/** Import jobs: files or texts into a set, then its chunks and its index. */
import { WorkbenchError } from '../../shared/errors'
import type { ImportOutcome } from '../../shared/knowledge'
import type { JobState } from '../../shared/workbench'
import type { Knowledge } from '../build/knowledge'
import type { Conversions } from '../documents/conversions'
import { Converter } from '../documents/converter'
import type { Library } from '../documents/library'
import type { KnowledgeSet } from '../documents/sets'
import type { Jobs, JobTask } from '../jobs/jobs'
import type { JobSpec } from '../jobs/spec'
import type { Search } from '../retrieval/search'
import type { OpenModel } from '../session/models'
import { importAll, importOutcome, type Incoming, type Reading } from './import-job'

export interface ImportingParts {
  readonly jobs: Jobs
  readonly library: Library
  readonly knowledge: Knowledge
  readonly search: Search
  readonly conversions: Conversions
  readonly openModel: (id: string) => Promise<OpenModel>
}

export class Importing {
  readonly #parts: ImportingParts
  /** What jobs did, by job. */
  readonly #outcomes = new Map<string, ImportOutcome[]>()

  constructor(parts: ImportingParts) {
    this.#parts = parts
  }

  /**
   * @param incoming asked when the job runs
   * @param spec what to go on with after a restart; absent where that cannot be
   */
  start(
    set: KnowledgeSet,
    incoming: (reading: Reading) => Promise<readonly Incoming[]>,
    spec: JobSpec | undefined,
  ): JobState {
    const outcomes: ImportOutcome[] = []
    const job = this.#parts.jobs.start({
      kind: 'import',
      subject: { what: 'import', set: set.name },
      unit: 'files',
      set: set.id,
      pause: 'again',
      spec,
      run: async (task) => {
        task.report({ step: { code: 'finding-files' }, done: 0, total: 0 })
        await using converter = new Converter()
        const files = await incoming({ converter, conversions: this.#parts.conversions, signal: task.signal })
        await importAll(this.#parts.library, files, { set: set.row, task, outcomes })
        await this.#cut(set, task, files.length)
        return importOutcome(outcomes)
      },
    })
    this.#outcomes.set(job.id, outcomes)
    return job
  }

  /** @throws not-found */
  outcomes(jobId: string): ImportOutcome[] {
    const outcomes = this.#outcomes.get(jobId)
    if (outcomes) return [...outcomes]
    throw new WorkbenchError('not-found', `There is no import job "${jobId}". Jobs are forgotten when the workbench closes.`)
  }

  /** Chunks are cut and indexed at import, so that a set is shown, asked and searched at once later. */
  async #cut(set: KnowledgeSet, task: JobTask, files: number): Promise<void> {
    const { knowledge, search, openModel } = this.#parts
    task.report({ step: { code: 'cutting' }, done: files, total: files })
    const model = await openModel(set.model)
    await knowledge.read(set.row, model, { signal: task.signal })
    task.report({ step: { code: 'indexing' }, done: files, total: files })
    await search.ensure(set.row, model.tokenizer, task.signal)
  }
}
