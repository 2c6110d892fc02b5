/** Jobs: what they are about, do and came to, and the tray. */
import type { BenchKind } from '../../../shared/bench-report'
import type { ErrorCode } from '../../../shared/errors'
import type { JobOutcome, JobStep, JobStepCode, JobSubject } from '../../../shared/jobs'
import type { JobState } from '../../../shared/workbench'
import { count, ratio } from '../../ui/format'

type Of<What extends JobOutcome['what']> = Extract<JobOutcome, { readonly what: What }>
type SubjectOf<What, Subject = JobSubject> = Subject extends { readonly what: infer Whats }
  ? What extends Whats
    ? Subject
    : never
  : never
type Words = { readonly [What in JobSubject['what']]: (subject: SubjectOf<What>) => string }

const several = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`

const benches: Record<BenchKind, string> = {
  engine: 'engine',
  shape: 'shape of a model',
  suite: 'suite of questions',
  table1: 'the paper’s table',
  novel: 'novel',
  codec: 'profiles',
  store: 'store',
}

const titles: Words = {
  import: ({ set }) => `Importing into “${set}”`,
  build: ({ set }) => `Building “${set}”`,
  keep: ({ set }) => `Keeping what a question on “${set}” missed`,
  check: ({ model }) => `Checking ${model}`,
  calibrate: ({ model, set }) => `Calibrating ${model}${set === null ? '' : ` on “${set}”`}`,
  profiles: ({ model, set }) => `Calibrating the profiles of ${model}${set === null ? '' : ` on “${set}”`}`,
  recode: ({ set, profile }) => `Coding “${set}” as ${profile}`,
  code: ({ caches, profile }) => `Coding ${several(caches, 'cache')} as ${profile}`,
  verify: ({ caches }) => `Reading ${several(caches, 'cache')} whole`,
  rebuild: ({ caches }) => `Making ${several(caches, 'cache')} again from the text`,
  scrub: ({ set }) => (set === null ? 'Reading all caches whole' : `Reading the caches of “${set}” whole`),
  bench: ({ bench }) => `Measuring: ${benches[bench]}`,
}

const soFar = ({ number, of }: JobStep): string => (number === undefined || of === undefined ? '' : `, ${count(number)} of ${count(of)}`)

const steps: Record<JobStepCode, (step: JobStep) => string> = {
  waiting: () => 'Waiting',
  starting: () => 'Starting',
  pausing: () => 'Pausing at the next safe point',
  paused: () => 'Paused',
  done: () => 'Done',
  failed: () => 'Failed',
  cancelled: () => 'Cancelled',
  'loading-model': () => 'Loading the model',
  'finding-files': () => 'Looking for files',
  reading: ({ name = '' }) => `Reading ${name}`,
  imported: () => 'Imported',
  cutting: () => 'Cutting documents into chunks',
  indexing: () => 'Indexing',
  'finding-missing': () => 'Looking for what is missing',
  'finding-texts': () => 'Looking for their texts',
  encoding: ({ name = '' }) => `Encoding “${name}”`,
  'encoding-alone': ({ name = '' }) => `Encoding parts of “${name}” on their own`,
  scoring: ({ name = '' }) => `Scoring the tokens of “${name}”`,
  'coding-document': ({ name = '', as = '' }) => `Coding “${name}” as ${as}`,
  parity: () => 'Comparing with libllama',
  equality: () => 'Recomputing everything',
  shift: () => 'Moving a context',
  needle: () => 'Looking for planted numbers',
  checked: () => 'Checked',
  comparing: () => 'Comparing strategies',
  blending: ({ number = 0 }) => `Blending at layer ${number}`,
  calibrated: () => 'Calibrated',
  computing: ({ number = 0 }) => `Computing caches, ${number} %`,
  learning: ({ number = 0, of = 0 }) => `Learning codebooks, step ${number} of ${of}`,
  weighing: () => 'Weighing layers',
  trying: () => 'Trying profiles',
  coding: ({ as = '' }) => `Coding as ${as}`,
  verifying: () => 'Reading and checking',
  'making-model': ({ name = '' }) => `Making the random model ${name}`,
  'bringing-in': (step) => `Importing documents${soFar(step)}`,
  'computing-caches': (step) => `Computing the caches${soFar(step)}`,
  'learning-codebooks': (step) => `Learning codebooks${soFar(step)}`,
  'coding-forms': (step) => `Coding the caches${soFar(step)}`,
  'filling-store': (step) => `Filling a store${soFar(step)}`,
  'warming-up': () => 'Warming up',
  measuring: (step) => `Measuring ${step.name ?? ''}${soFar(step)}`,
  asking: ({ name }) => (name === undefined ? 'Asking' : `Asking ${name}`),
}

const outcomes = {
  import: ({ added, updated, unchanged, failed }: Of<'import'>) => {
    const parts = [
      added > 0 && `${count(added)} added`,
      updated > 0 && `${count(updated)} updated`,
      unchanged > 0 && `${count(unchanged)} unchanged`,
      failed > 0 && `${count(failed)} failed`,
    ].filter(Boolean)
    return parts.length === 0 ? 'There was nothing to import.' : `Documents: ${parts.join(', ')}.`
  },
  build: ({ documents, chunks, tokens, scored, repaired, coded, profile }: Of<'build'>) => {
    if (chunks === 0 && scored > 0) return `Tokens of ${several(scored, 'cache')} scored.`
    if (chunks === 0 && coded > 0) return `${several(coded, 'cache')} coded as ${profile}.`
    if (chunks === 0) return `Nothing was missing in ${several(documents, 'document')}.`
    const more = [coded > 0 && `${count(coded)} coded as ${profile}`, repaired > 0 && `${count(repaired)} damaged ones made again`]
    return `${[`${several(chunks, 'cache')} of ${count(tokens)} tokens computed`, ...more].filter(Boolean).join(', ')}.`
  },
  check: ({ model, verdict }: Of<'check'>) =>
    verdict.passed ? `${model} passed on ${verdict.device}.` : `${model} failed on ${verdict.device}: its caches are not blended. See Models.`,
  calibrate: ({ strategies, questions }: Of<'calibrate'>) =>
    `${count(strategies)} strategies measured with ${several(questions, 'question')}.`,
  profiles: ({ profiles }: Of<'profiles'>) =>
    `${profiles.map(({ profile, ratio: smaller }) => `${profile} ${ratio(smaller)} smaller`).join(', ')}.`,
  bench: () => 'Measured; the report is under Bench.',
  recode: ({ coded, damaged, lossyOnly, profile }: Of<'recode'>) =>
    [
      `${several(coded, 'cache')} coded as ${profile}.`,
      damaged > 0 && `${count(damaged)} damaged ones set aside.`,
      lossyOnly > 0 && `${count(lossyOnly)} left alone: they are there in another lossy profile only.`,
    ]
      .filter(Boolean)
      .join(' '),
  scrub: ({ checked, damaged }: Of<'scrub'>) =>
    damaged === 0
      ? `${several(checked, 'file')} read whole, all of them sound.`
      : `${several(checked, 'file')} read whole; ${count(damaged)} damaged and set aside. A build makes them again.`,
  rebuild: ({ made, left }: Of<'rebuild'>) =>
    [
      `${several(made, 'cache')} made again.`,
      left > 0 && `${count(left)} left as they were: no set has their text behind the same parts now.`,
    ]
      .filter(Boolean)
      .join(' '),
}

/** Of a job that failed: what is safe, what to do. */
const remedies: Record<ErrorCode, string> = {
  'argument.invalid': 'Nothing was changed. Start it again with other values.',
  'not-found': 'Nothing was changed. Look whether its set, document or model is still there.',
  conflict: 'Nothing was changed. Try again when the other work is done.',
  cancelled: 'What was done is kept. Try again to go on.',
  'file.unreadable': 'What was done is kept. See that the file can be read, then try again.',
  'document.unsupported': 'The other documents are there. Save this one as text, Markdown, HTML, PDF or Word.',
  'document.invalid': 'The other documents are there. Mend this file, then try again.',
  'model.unreadable': 'Your sets and caches are safe. Put the model file back, or add it again.',
  'model.damaged': 'Your sets and caches are safe. Download the model file again.',
  'model.unsupported': 'Your sets and caches are safe. Take another model.',
  'model.gate-failed': 'Strategies that only reuse go on working. Take another model, or check this one again.',
  'object.unreadable': 'Your documents are safe. Build the set again.',
  'object.damaged': 'The damaged cache was set aside; your documents are safe. Build the set again.',
  'object.mismatch': 'Your documents are safe. Build the set again for this model.',
  'store.damaged': 'Your own files are safe. Start Kvasir again; if it stays, import into another data folder.',
  'store.full': 'What was done is kept. Free some space, then try again.',
  'engine.no-library': 'Your sets and caches are safe. Install Kvasir again.',
  'engine.memory': 'What was done is kept. Close other programs or take a smaller model, then try again.',
  'engine.context-too-long': 'What was done is kept. Take fewer documents, or a model with a longer context.',
  'engine.died': 'What was done is kept; the engine starts by itself. Try again.',
  'engine.failed': 'What was done is kept. Try again; if it stays, check the model.',
  internal: 'What was done is kept. Try again; if it stays, report it.',
}

const units: Record<JobState['unit'], string> = {
  tokens: 'tokens',
  files: 'files',
  checks: 'checks',
  answers: 'answers',
  caches: 'caches',
  measurements: 'measurements',
}

export const jobs = {
  benches,
  titles,
  steps,
  outcomes,
  remedies,
  units,
  title: 'Jobs',
  open: (number: number) => (number === 0 ? 'Jobs' : `Jobs: ${count(number)}`),
  none: 'No jobs running',
  paused: (number: number) => `${several(number, 'job')} paused`,
  empty: 'Imports, builds, checks and measurements appear here, with how far they are.',
  close: 'Close',
  queue: 'Running and waiting',
  ended: 'Ended',
  clear: 'Clear ended',
  progress: (title: string) => `Progress of ${title}`,
  amount: (done: number, total: number, unit: string) => `${count(done)} of ${count(total)} ${unit}`,
  speed: (speed: string, unit: string) => `${speed} ${unit}/s`,
  left: (time: string) => `${time} left`,
  runs: (time: string) => `for ${time}`,
  cancel: (title: string) => `Cancel: ${title}`,
  pause: (title: string) => `Pause: ${title}`,
  noPause: 'Cannot be paused while it runs: a pause would spoil what it measures',
  resume: (title: string) => `Resume: ${title}`,
  retry: (title: string) => `Try again: ${title}`,
  up: (title: string) => `Earlier: ${title}`,
  down: (title: string) => `Later: ${title}`,
  orderHint: 'Alt+↑ and Alt+↓ change the order of what waits.',
  crashed: (times: number) =>
    times === 1
      ? 'Kvasir crashed in the middle of it and has started it again.'
      : `Kvasir crashed ${count(times)} times in the middle of it. What was done is kept; resume it to try again.`,
  announced: {
    waiting: (title: string) => `${title}: waiting`,
    running: (title: string) => `${title}: started`,
    paused: (title: string) => `${title}: paused`,
    done: (title: string) => `${title}: done`,
    failed: (title: string) => `${title}: failed`,
    cancelled: (title: string) => `${title}: cancelled`,
  },
  commands: {
    show: 'Show or hide jobs',
    pauseAll: 'Pause all jobs',
    resumeAll: 'Resume all jobs',
    clear: 'Clear ended jobs',
  },
}
