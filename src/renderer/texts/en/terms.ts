/** Words for what the core names: strategies, states, reasons, stages, errors. */
import type { ContextKind, CacheState } from '../../../shared/knowledge'
import type { ErrorCode } from '../../../shared/errors'
import type { MissReason, PoorerReason, TraceStage } from '../../../shared/answer'
import type { StrategyName } from '../../../shared/strategy'
import type { EngineStatus, JobState } from '../../../shared/workbench'

export const strategies: Record<StrategyName, { label: string; text: string }> = {
  reuse: {
    label: 'Reuse',
    text: 'Every chunk from its cache, in the best variant that the selection allows. Only the question is computed.',
  },
  link: {
    label: 'Link',
    text: 'Reuse, and the first tokens of every chunk are computed again in their place, so that chunks know each other.',
  },
  score: {
    label: 'Score',
    text: 'Reuse, and the tokens are computed again that depended most on what stood before them when they were cached.',
  },
  mix: {
    label: 'Mix',
    text: 'Reuse, and the first tokens of every chunk and those that depend most on others are computed again.',
  },
  blend: {
    label: 'Blend',
    text: 'Reuse, and the tokens are computed again that an early layer finds changed most by what stands before them.',
  },
  oracle: {
    label: 'Oracle',
    text: 'A control: the tokens are computed again that full prefill shows to have changed most. Slower than in-context.',
  },
  random: {
    label: 'Random',
    text: 'A control: tokens drawn by lot are computed again.',
  },
  auto: {
    label: 'Auto',
    text: 'The cheapest strategy that is faithful enough on this model; more is computed where the first word is unsure.',
  },
  prefix: {
    label: 'Prefix',
    text: 'The longest run of cached chunks from the start; everything behind the first gap is computed.',
  },
  full: {
    label: 'In-context',
    text: 'Nothing from the cache: all of the text is computed again, as a plain prompt would be.',
  },
}

/** Strategies that take every chunk as if it stood alone. */
export const isolated = {
  label: 'Isolated',
  with: (label: string) => `${label}, isolated`,
  text: 'Every chunk from its cache, each encoded alone. Facts that span chunks may get lost: for comparison.',
}

export const missReasons: Record<MissReason, string> = {
  strategy: 'computed: this strategy computes everything',
  'never-built': 'missed: its cache was never built. Build the set to reuse it next time',
  'edited-text': 'missed: its text changed since its cache was built. Build the set again',
  'other-model': 'missed: its cache belongs to another model. Build the set for this model',
  'other-context': 'missed: its cache was built behind other text than this question has in front of it',
  'not-in-prefix': 'computed: it stands behind the first chunk that is not cached exactly',
  damaged: 'missed: its cache was damaged and set aside. Build the set again',
  evicted: 'missed: its cache went to make room. Build the set again, or raise the quota',
  removed: 'missed: its cache was evicted by hand or cleaned up. Bring it back while it is in the trash, or build the set again',
  'other-profile': 'missed: it is cached in another profile only. Code the set in this one, or ask in any profile',
}

export const poorerReasons: Record<PoorerReason, string> = {
  'no-document': 'the variant behind its document is not cached: this one does not know what stands before it',
  'no-tail': 'the variant behind the included parts of its document is not cached yet: this one does not know them',
  'no-bos': "its isolated variant is not cached: this one was computed behind the prompt's first part only",
  'no-document-nor-bos': 'its variants behind the document and on its own are not cached',
  'no-tail-nor-bos': 'its variants behind the included parts of its document and on its own are not cached',
}

export const variants: Record<ContextKind, string> = {
  document: 'behind the earlier chunks of its document',
  prefix: 'behind the prompt’s opening',
  tail: 'behind the parts of its document that are included',
  bos: 'alone',
}

export const states: Record<CacheState, string> = {
  cached: 'cached',
  partly: 'partly cached',
  building: 'being built',
  stale: 'stale',
  missing: 'not cached',
  damaged: 'damaged',
}

export const stages: Record<TraceStage['name'], string> = {
  plan: 'plan',
  load: 'load caches',
  compute: 'compute',
  'first-token': 'first token',
}

export const engineStates: Record<EngineStatus['state'], string> = {
  off: 'Engine idle',
  starting: 'Engine starting…',
  ready: 'Engine ready',
  busy: 'Engine busy',
  restarting: 'Engine restarting…',
}

export const jobStatus: Record<JobState['status'], string> = {
  waiting: 'waiting',
  running: 'running',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** What each state means to whom looks at it for the first time. */
export const stateMeanings: Record<CacheState, string> = {
  cached: 'ready to be reused',
  partly: 'a part of it, or a poorer variant',
  building: 'a job computes it now',
  stale: 'its text has changed since',
  missing: 'computed when asked',
  damaged: 'set aside; a build makes it again',
}

export const errorTitles: Record<ErrorCode, string> = {
  'argument.invalid': 'This request does not fit',
  'not-found': 'Not there any more',
  conflict: 'Already taken',
  cancelled: 'Cancelled',
  'file.unreadable': 'A file cannot be read',
  'document.unsupported': 'This kind of file is not imported yet',
  'document.invalid': 'This document cannot be imported',
  'model.unreadable': 'The model cannot be read',
  'model.damaged': 'The model file is damaged',
  'model.unsupported': 'This model is not supported',
  'model.gate-failed': 'This model must not blend',
  'object.unreadable': 'A cache file cannot be read',
  'object.damaged': 'A cache file is damaged',
  'object.mismatch': 'A cache does not fit',
  'store.damaged': 'The store is damaged',
  'store.full': 'The disk is full',
  'engine.no-library': 'The engine’s libraries are missing',
  'engine.memory': 'Not enough memory',
  'engine.context-too-long': 'Too much text for this model',
  'engine.died': 'The engine stopped and is being restarted',
  'engine.failed': 'The engine reported a failure',
  internal: 'Something went wrong',
}
