/** English sentences for what jobs are about, do and came to: the command line and logs show these. */
import { verdictText } from '../../shared/calibration'
import type { JobOutcome, JobStep, JobStepCode, JobSubject } from '../../shared/jobs'

export function titleOf(subject: JobSubject): string {
  switch (subject.what) {
    case 'import':
      return `Importing into "${subject.set}"`
    case 'build':
      return `Building "${subject.set}"`
    case 'keep':
      return `Keeping what a question on "${subject.set}" missed`
    case 'check':
      return `Checking ${subject.model}`
    case 'calibrate':
      return subject.set === null ? `Calibrating ${subject.model}` : `Calibrating ${subject.model} on "${subject.set}"`
    case 'profiles':
      return `Calibrating the profiles of ${subject.model}${subject.set === null ? '' : ` on "${subject.set}"`}`
    case 'recode':
      return `Coding "${subject.set}" as ${subject.profile}`
    case 'code':
      return `Coding ${several(subject.caches, 'cache')} as ${subject.profile}`
    case 'verify':
      return `Reading ${several(subject.caches, 'cache')} whole`
    case 'rebuild':
      return `Making ${several(subject.caches, 'cache')} again from the text`
    case 'scrub':
      return subject.set === null ? 'Reading all caches whole' : `Reading the caches of "${subject.set}" whole`
    case 'bench':
      return `Measuring: ${subject.bench}`
  }
}

const PHASES: Readonly<Record<JobStepCode, (step: JobStep) => string>> = {
  waiting: () => 'Waiting',
  starting: () => 'Starting',
  pausing: () => 'Pausing',
  paused: () => 'Paused',
  done: () => 'Done',
  failed: () => 'Failed',
  cancelled: () => 'Cancelled',
  'loading-model': () => 'Loading the model',
  'finding-files': () => 'Looking for files',
  reading: ({ name }) => `Reading ${name}`,
  imported: () => 'Imported',
  cutting: () => 'Cutting documents into chunks',
  indexing: () => 'Indexing',
  'finding-missing': () => 'Looking for what is missing',
  'finding-texts': () => 'Looking for their texts',
  encoding: ({ name }) => `Encoding "${name}"`,
  'encoding-alone': ({ name }) => `Encoding parts of "${name}" on their own`,
  scoring: ({ name }) => `Scoring the tokens of "${name}"`,
  'coding-document': ({ name, as }) => `Coding "${name}" as ${as}`,
  parity: () => 'Comparing with libllama',
  equality: () => 'Recomputing everything',
  shift: () => 'Moving a context',
  needle: () => 'Looking for planted numbers',
  checked: () => 'Checked',
  comparing: () => 'Comparing strategies',
  blending: ({ number }) => `Blending at layer ${number}`,
  calibrated: () => 'Calibrated',
  computing: ({ number }) => `Computing caches, ${number} %`,
  learning: ({ number, of }) => `Learning codebooks, step ${number} of ${of}`,
  weighing: () => 'Weighing layers',
  trying: () => 'Trying profiles',
  coding: ({ as }) => `Coding as ${as}`,
  verifying: () => 'Reading and checking',
  'making-model': ({ name }) => `Making the random model ${name}`,
  'bringing-in': (step) => `Importing documents${sofar(step)}`,
  'computing-caches': (step) => `Computing the caches${sofar(step)}`,
  'learning-codebooks': (step) => `Learning codebooks${sofar(step)}`,
  'coding-forms': (step) => `Coding the caches${sofar(step)}`,
  'filling-store': (step) => `Filling a store${sofar(step)}`,
  'warming-up': () => 'Warming up',
  measuring: (step) => `Measuring ${step.name}${sofar(step)}`,
  asking: ({ name }) => (name === undefined ? 'Asking' : `Asking ${name}`),
}

const sofar = ({ number, of }: JobStep): string => (number === undefined || of === undefined ? '' : `, ${number} of ${of}`)

export function phaseOf(step: JobStep): string {
  return PHASES[step.code](step)
}

export function resultOf(outcome: JobOutcome): string {
  switch (outcome.what) {
    case 'import':
      return importResult(outcome)
    case 'build':
      return buildResult(outcome)
    case 'check': {
      const { model, verdict } = outcome
      return verdict.passed
        ? `${model} on ${verdict.device}: ${verdictText(verdict)}`
        : `${model} failed on ${verdict.device}, so its caches are not blended. ${verdictText(verdict)}`
    }
    case 'calibrate': {
      const where = outcome.set === null ? "on the sample's documents, for any set" : `on "${outcome.set}"`
      return `${outcome.strategies} strategies measured with ${outcome.questions} questions ${where}.`
    }
    case 'profiles': {
      const each = outcome.profiles.map(
        ({ profile, ratio, klMean }) => `${profile} ${ratio.toFixed(1)}x smaller (KL ${klMean.toFixed(4)})`,
      )
      return `${each.join(', ')}.`
    }
    case 'recode':
      return recodeResult(outcome)
    case 'bench':
      return `Measured; the report is kept as ${outcome.report}.`
    case 'scrub': {
      const { checked, damaged } = outcome
      const all = `${several(checked, 'file')} read whole`
      if (damaged === 0) return `${all}, all of them sound.`
      return `${all}; ${damaged} damaged: set aside. A build makes them again.`
    }
    case 'rebuild': {
      const made = `${several(outcome.made, 'cache')} made again`
      if (outcome.left === 0) return `${made}.`
      return `${made}; ${outcome.left} left as they were, since no set has their text behind the same parts now.`
    }
  }
}

type Of<What extends JobOutcome['what']> = Extract<JobOutcome, { readonly what: What }>

function importResult({ added, updated, unchanged, failed }: Of<'import'>): string {
  const all = added + updated + unchanged + failed
  if (all === 0) return 'Nothing to import.'
  const parts = Object.entries({ added, updated, unchanged, failed }).filter(([, number]) => number > 0)
  return `${several(all, 'document')}: ${parts.map(([word, number]) => `${number} ${word}`).join(', ')}.`
}

function buildResult({ documents, chunks, tokens, scored, repaired, coded, profile }: Of<'build'>): string {
  if (chunks === 0 && scored > 0) return `Tokens of ${several(scored, 'cache')} scored.`
  if (chunks === 0 && coded > 0) return `${several(coded, 'cache')} coded as ${profile}.`
  if (chunks === 0) return `Nothing was missing in ${several(documents, 'document')}.`
  const repairs = repaired > 0 ? `, ${repaired} damaged ones made again` : ''
  const form = coded > 0 ? `, ${coded} coded as ${profile}` : ''
  return `${several(chunks, 'cache')} of ${tokens} tokens computed${form}${repairs}.`
}

function recodeResult({ coded, damaged, lossyOnly, profile }: Of<'recode'>): string {
  const parts = [`${several(coded, 'cache')} coded as ${profile}`]
  if (damaged > 0) parts.push(`${damaged} damaged ones set aside`)
  if (lossyOnly > 0)
    parts.push(`${lossyOnly} left alone, since they are there in another lossy profile only: build them as ${profile} to have them made from the text`)
  return `${parts.join('; ')}.`
}

function several(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
