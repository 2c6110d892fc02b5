/** A workbench on the fake engine, with what tests do to one. */
import { writeFile } from 'node:fs/promises'
import type { Answer, AskEvent, AskInput } from '../../src/shared/answer'
import type { JobState, Workbench } from '../../src/shared/workbench'
import { openWorkbench, type WorkbenchOptions } from '../../src/main/workbench'
import { FakeEngine, type FakeEngineOptions } from '../helpers/fake-engine'
import { tempFolder } from '../helpers/temp-folder'

export interface TestCore extends AsyncDisposable {
  readonly workbench: Workbench
  readonly engine: FakeEngine
  readonly folder: string
  file(name: string): string
}

export async function fakeCore(
  options: FakeEngineOptions & Pick<WorkbenchOptions, 'resourcesDir'> = {},
): Promise<TestCore> {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await tempFolder())
  const engine = new FakeEngine(options)
  const resourcesDir = options.resourcesDir ?? folder.file('resources')
  const workbench = stack.use(
    await openWorkbench({ dataDir: folder.file('data'), engine: engine.asEngine, resourcesDir, version: '0' }),
  )
  await writeFile(folder.file('model.gguf'), 'a model')
  await workbench.models.add(folder.file('model.gguf'))
  return {
    workbench,
    engine,
    folder: folder.path,
    file: (name) => folder.file(name),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Imports texts by name and waits; a name that is there already becomes a new version. */
export async function importTexts(
  workbench: Workbench,
  set: string,
  files: Readonly<Record<string, string>>,
): Promise<JobState> {
  const job = await workbench.documents.addText(
    set,
    Object.entries(files).map(([name, text]) => ({ name, text })),
  )
  return await workbench.jobs.finished(job.id)
}

export async function buildAll(workbench: Workbench, set: string): Promise<JobState> {
  const job = await workbench.build(set)
  return await workbench.jobs.finished(job.id)
}

export async function askAll(workbench: Workbench, request: AskInput): Promise<{ events: AskEvent[]; answer: Answer }> {
  const events = await Array.fromAsync(workbench.ask(request))
  const last = events.at(-1)
  if (last?.type !== 'answer') throw new Error('Expected an answer at the end.')
  return { events, answer: last.answer }
}

/** Hits and misses in a line, e.g. `document document bos! -edited-text`. */
export function outcomes({ trace }: Answer): string {
  return trace.chunks
    .map(({ outcome }) =>
      outcome.kind === 'hit' ? outcome.variant + (outcome.poorer === null ? '' : '!') : `-${outcome.reason}`,
    )
    .join(' ')
}

/** A document of four short sections. */
export function guide(words: { readonly [section: string]: string } = {}): string {
  const sections = {
    one: 'First things first.',
    two: 'Second part of it.',
    three: 'Third part follows.',
    four: 'Fourth and last.',
    ...words,
  }
  return Object.entries(sections)
    .map(([title, text]) => `${title === 'one' ? '#' : '##'} ${title}\n\n${text}\n`)
    .join('\n')
}
