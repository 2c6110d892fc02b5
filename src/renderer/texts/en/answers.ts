/** Asking and what comes of it. */
import { count } from '../../ui/format'

export const ask = {
  title: 'Ask',
  question: 'Question',
  placeholder: 'What do you want to know from the selected documents?',
  suggestions: 'Questions that suit this set',
  allSuggestions: (number: number) => `All ${count(number)} questions`,
  fewerSuggestions: 'Fewer',
  strategy: 'Strategy',
  ask: 'Ask',
  compare: 'Compare with in-context',
  race: 'Race this',
  raceHint: 'Opens Race with this question and selection: in-context learning against this strategy',
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
}

export const figures = {
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
}

export const compare = {
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
}

export const choice = {
  title: 'How it was answered',
  earlierWhy: 'an earlier version chose it',
  chosen: (strategy: string, why: string) => `${strategy} was chosen: ${why}.`,
  tried: (strategy: string, time: string, share: string, least: string) =>
    `${strategy} was tried before (${time}): its first token was ${share} likely, less than the ${least} wanted.`,
  unchecked: (model: string) =>
    `Model ${model} has not been checked for mixing cached and fresh parts: kvasir models check ${model}`,
}

export const strip = {
  title: 'Chunks: what was reused, what was computed, and why',
  word: 'Chunks',
  what: ': what was reused, what was computed, and why',
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
}

export const waterfall = {
  title: (time: string, share: string) => `Where the ${time} to the first token (${share} likely) went`,
  rest: 'model and start',
  tried: (strategy: string) => `tried ${strategy}`,
  bar: (name: string, start: string, time: string) => `${name}: ${time}, from ${start}`,
  /** A stage that takes turns with another. */
  shared: (time: string, whole: string) => `${time} in ${whole}`,
}
