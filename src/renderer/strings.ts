/** Every text that a person reads, in one place, so that another language is another file of this shape. */
import type { ContextKind, CacheState } from '../shared/knowledge'
import type { ErrorCode } from '../shared/errors'
import type { MissReason, PoorerReason, TraceStage } from '../shared/answer'
import type { StrategyName } from '../shared/strategy'
import type { EngineStatus, JobState } from '../shared/workbench'
import { count } from './ui/format'

const strategies: Record<StrategyName, { label: string; text: string }> = {
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
const isolated = {
  label: 'Isolated',
  with: (label: string) => `${label}, isolated`,
  text: 'Every chunk from its cache, each encoded alone. Facts that span chunks may get lost: for comparison.',
}

const missReasons: Record<MissReason, string> = {
  strategy: 'computed: this strategy computes everything',
  'never-built': 'missed: its cache was never built. Build the set to reuse it next time',
  'edited-text': 'missed: its text changed since its cache was built. Build the set again',
  'other-model': 'missed: its cache belongs to another model. Build the set for this model',
  'other-context': 'missed: its cache was built behind other text than this question has in front of it',
  'not-in-prefix': 'computed: it stands behind the first chunk that is not cached exactly',
  damaged: 'missed: its cache was damaged and set aside. Build the set again',
  evicted: 'missed: its cache went to make room. Build the set again, or raise the quota',
  'other-profile': 'missed: it is cached in another profile only. Code the set in this one, or ask in any profile',
}

const poorerReasons: Record<PoorerReason, string> = {
  'no-document': 'the variant behind its document is not cached: this one does not know what stands before it',
  'no-tail': 'the variant behind the included parts of its document is not cached yet: this one does not know them',
  'no-bos': "its isolated variant is not cached: this one was computed behind the prompt's first part only",
  'no-document-nor-bos': 'its variants behind the document and on its own are not cached',
  'no-tail-nor-bos': 'its variants behind the included parts of its document and on its own are not cached',
}

const variants: Record<ContextKind, string> = {
  document: 'behind the earlier chunks of its document',
  prefix: 'behind the prompt’s opening',
  tail: 'behind the parts of its document that are included',
  bos: 'alone',
}

const states: Record<CacheState, string> = {
  cached: 'cached',
  partly: 'partly cached',
  stale: 'stale',
  missing: 'not cached',
}

const stages: Record<TraceStage['name'], string> = {
  plan: 'plan',
  load: 'load caches',
  compute: 'compute',
  'first-token': 'first token',
}

const engineStates: Record<EngineStatus['state'], string> = {
  off: 'Engine idle',
  starting: 'Engine starting…',
  ready: 'Engine ready',
  busy: 'Engine busy',
  restarting: 'Engine restarting…',
}

const jobStatus: Record<JobState['status'], string> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** What each state means to whom looks at it for the first time. */
const stateMeanings: Record<CacheState, string> = {
  cached: 'ready to be reused',
  partly: 'only a part of it',
  stale: 'its text has changed since',
  missing: 'computed when asked',
}

const errorTitles: Record<ErrorCode, string> = {
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

export const strings = {
  product: 'Kvasir',
  strategies,
  isolated,
  missReasons,
  poorerReasons,
  variants,
  states,
  stateMeanings,
  stages,
  engineStates,
  jobStatus,
  errorTitles,

  connection: {
    connecting: 'Connecting to the workbench…',
    lost: 'The connection to the workbench is lost; trying again. What is stored is safe.',
    refusedTitle: 'This address does not open the workbench',
    refused: 'Its token is missing or from an earlier start. Open the whole address that “kvasir serve” printed last.',
    lostWhileAskingTitle: 'The connection was lost',
    lostWhileAsking: 'The answer is not whole. Ask again once the connection is back.',
    offline: 'Not connected',
  },

  header: {
    set: 'Knowledge set',
    newSet: 'New set…',
    sample: 'Add the sample set',
    theme: 'Theme',
    light: 'Light',
    dark: 'Dark',
    system: 'System',
    showInspector: 'Show inspector',
    hideInspector: 'Hide inspector',
    model: (id: string) => `model ${id}`,
    modelUnloaded: 'loads with the first question',
  },

  newSet: {
    title: 'New knowledge set',
    name: 'Name',
    model: 'Model',
    modelHint: 'Caches belong to one model. More models: kvasir models add FILE.gguf',
    create: 'Create set',
    cancel: 'Cancel',
  },

  knowledge: {
    title: 'Knowledge',
    summary: (on: number, all: number) =>
      on === all ? `${count(all)} tokens` : `${count(on)} of ${count(all)} tokens`,
    documents: (on: number, all: number) => `${count(on)} of ${count(all)} ${all === 1 ? 'document' : 'documents'}`,
    all: 'All',
    none: 'None',
    tree: 'Documents and sections',
    import: 'Import',
    importFiles: 'Import files…',
    importFolder: 'Folder…',
    include: (title: string) => `Take “${title}” into the question`,
    /** Heard, not seen, behind a row's number of tokens. */
    rowState: (state: string) => ` tokens, ${state}`,
    chunk: (number: number, preview: string) => `${number}. ${preview}`,
    cached: (done: number, all: number, bytes: string) => `${count(done)} of ${count(all)} chunks cached · ${bytes}`,
    build: (missing: number) => `Build ${count(missing)} missing`,
    buildHint: 'Computes the caches once; every later question reuses them.',
    building: 'Building…',
    legend: 'What the dots mean',
    emptyTitle: 'This set is empty',
    emptyHint: 'Drop Markdown or text files anywhere on this page, or choose some.',
    noSetTitle: 'Nothing to ask yet',
    noSetHint: 'The sample set brings a few short documents and questions that suit the bundled model.',
    noSetAction: 'Add the sample set',
    loading: 'Loading the set…',
    importing: 'Importing…',
  },

  import: {
    drop: (set: string) => `Drop to import into ${set}`,
    dropUpload: (set: string) => `Drop to upload into ${set} as text`,
    uploadNote: 'Files go to the workbench as text; a later change of the file is not noticed.',
    notText: (name: string) => `${name}: expected UTF-8 text. Save it as UTF-8 and import it again.`,
    otherKind: (name: string) => `${name}: only Markdown and text files (.md, .markdown, .txt, .html) are imported here.`,
    tooLarge: (name: string, limit: string) =>
      `${name}: larger than ${limit}, the most that a browser can hand over. Import it with “kvasir docs add”.`,
    problems: (failed: number) => `${count(failed)} ${failed === 1 ? 'file was' : 'files were'} not imported`,
    more: (number: number) => `and ${count(number)} more`,
    dismiss: 'Dismiss',
  },

  ask: {
    title: 'Ask',
    question: 'Question',
    placeholder: 'What do you want to know from the selected documents?',
    suggestions: 'Questions that suit this set',
    allSuggestions: (number: number) => `All ${count(number)} questions`,
    fewerSuggestions: 'Fewer',
    strategy: 'Strategy',
    ask: 'Ask',
    compare: 'Compare with in-context',
    stop: 'Stop',
    shortcuts: 'Ctrl+Enter asks · Esc stops',
    nothingSelected: 'Nothing is selected: the model answers from the question alone.',
    selected: (chunks: number, cached: number) => `${count(chunks)} chunks selected, ${count(cached)} cached`,
    idleTitle: 'No answer yet',
    idleHint: 'Ask a question: the answer appears here, with what was reused, what was computed, and why.',
    answer: 'Answer',
    waiting: 'Opening the model and planning…',
    computing: (done: number, total: number) => `Computing ${count(done)} of ${count(total)} tokens…`,
    opening: 'Opening caches…',
    streaming: 'Answering…',
    stopped: 'Stopped. What was answered so far stays.',
    empty: '(The model ended without a word.)',
    image: (alt: string) => `[image: ${alt || 'not shown'}]`,
  },

  figures: {
    title: 'Figures of this answer',
    ttft: 'Time to first token',
    reused: 'Reused',
    computed: 'Computed',
    read: 'Read',
    none: '–',
    ofTokens: (part: number, whole: number) => `${count(part)} of ${count(whole)} tokens`,
    nothingSelected: 'nothing selected',
    split: (knowledge: number, question: number) => `knowledge ${count(knowledge)} · question ${count(question)}`,
    splitAgain: (knowledge: number, again: number, question: number) =>
      [knowledge > 0 && `knowledge ${count(knowledge)}`, `again ${count(again)}`, `question ${count(question)}`]
        .filter(Boolean)
        .join(' · '),
    decode: (speed: string) => `then ${speed} tokens/s`,
    versus: (time: string) => `in-context ${time}`,
    faster: (ratio: string) => `${ratio} faster`,
    slower: (ratio: string) => `${ratio} slower`,
    even: () => 'as fast',
    fromCaches: 'from cache files',
    fromMemory: (bytes: string) => `from cache files, ${bytes} from memory`,
  },

  compare: {
    title: 'The same question, both ways',
    full: 'In-context',
    cache: 'Knowledge cache',
    tokens: (tokens: number) => `${count(tokens)} tokens computed`,
    by: (strategy: string, text: string) => `${strategy}, ${text}`,
    faster: (ratio: string) => `${ratio} faster to the first token`,
    slower: (ratio: string) => `${ratio} slower to the first token`,
    even: () => 'As fast to the first token.',
    same: 'Both answers are the same, word for word.',
    differ: 'The answers differ.',
    pending: 'runs next',
    notRun: 'did not run',
  },

  choice: {
    title: 'How it was answered',
    chosen: (strategy: string, why: string) => `${strategy} was chosen: ${why}.`,
    tried: (strategy: string, time: string, share: string, least: string) =>
      `${strategy} was tried before (${time}): its first token was ${share} likely, less than the ${least} wanted.`,
    unchecked: (model: string) =>
      `Model ${model} has not been checked for mixing cached and fresh parts: kvasir models check ${model}`,
  },

  strip: {
    title: 'Chunks: what was reused, what was computed, and why',
    none: 'No knowledge was selected.',
    reused: 'reused',
    isolated: 'reused, in a poorer variant',
    computed: 'computed',
    missed: 'missed',
    stale: 'stale',
    hit: (variant: string) => `reused: encoded ${variant}`,
    poorerWhy: (variant: string, why: string) => `reused: encoded ${variant}, since ${why}`,
    noOther: 'the prompt begins in its own way, or its document is longer than the context',
    byChoice: 'this strategy takes every chunk so',
    again: 'of it computed again',
    andAgain: (tokens: number) => `${count(tokens)} of them computed again`,
    place: (document: string, section: string) => (document === section ? document : `${document} › ${section}`),
    chunk: (place: string, tokens: number, outcome: string) => `${place} · ${count(tokens)} tokens · ${outcome}`,
    hint: 'Point at a chunk, or go through them with the arrow keys, to see why.',
    legend: (label: string, tokens: number) => `${label} ${count(tokens)} ${tokens === 1 ? 'token' : 'tokens'}`,
  },

  waterfall: {
    title: (time: string, share: string) => `Where the ${time} to the first token (${share} likely) went`,
    rest: 'model and start',
    tried: (strategy: string) => `tried ${strategy}`,
    bar: (name: string, start: string, time: string) => `${name}: ${time}, from ${start}`,
    /** A stage that takes turns with another. */
    shared: (time: string, whole: string) => `${time} in ${whole}`,
  },

  inspector: {
    title: 'Inspector',
    empty: 'Choose a document, a section or a chunk to see its text, its caches and why it was or was not reused.',
    document: 'Document',
    section: 'Section',
    chunk: 'Chunk',
    source: 'source',
    version: 'version',
    imported: 'imported',
    size: 'size',
    tokens: 'tokens',
    chunks: 'chunks',
    cache: 'cache',
    variants: 'variants',
    noVariants: 'none yet',
    used: 'last question',
    notUsed: 'not part of it',
    text: 'Text',
    loading: 'Loading the text…',
    remove: 'Remove document…',
    removeConfirm: 'Remove this document from the set? Its caches stay until they are cleaned up.',
    removeAction: 'Remove',
    keep: 'Keep',
  },

  status: {
    loaded: (model: string, device: string) => `${model} on ${device}`,
    weights: (bytes: string) => `weights ${bytes}`,
    store: (bytes: string, entries: number) =>
      `caches ${bytes} in ${count(entries)} ${entries === 1 ? 'file' : 'files'}`,
    memory: (bytes: string) => `${bytes} in memory`,
    memoryOf: (bytes: string) => `decoded, ready to be used; at most ${bytes}`,
    quarantined: (number: number) => `${count(number)} damaged, set aside`,
    restarts: (number: number) => `restarted ${count(number)}×`,
    jobs: 'Jobs',
    noJobs: 'No jobs running',
    progress: (title: string) => `Progress of ${title}`,
    amount: (done: number, total: number, unit: string) => `${count(done)} of ${count(total)} ${unit}`,
    speed: (speed: string, unit: string) => `${speed} ${unit}/s`,
    left: (time: string) => `${time} left`,
    more: (number: number) => `+${count(number)} more`,
    cancel: 'Cancel',
    cancelJob: (title: string) => `Cancel: ${title}`,
  },

  retry: 'Try again',
} as const
