/** The Ask page: before a question, its dial and proposals; after it, where it came from, copies, history. */
import { count } from '../../ui/format'

export const dial = {
  title: 'Quality and latency',
  slider: 'Strategy, from the quickest to the most faithful',
  markExact: 'exact',
  markCalibrated: 'calibrated',
  markUnknown: 'not known',
  auto: 'Auto',
  autoWould: (strategy: string, why: string) => `would begin with ${strategy}: ${why}`,
  other: 'Another form',
  otherHint: 'e.g. blend:0.15:layer=2, reuse:bos',
  loading: 'Estimating…',
  time: (time: string, isRough: boolean) => (isRough ? `roughly ${time}` : `about ${time}`),
  timeUnknown: 'unknown yet',
  firstToken: 'first token',
  read: 'caches read',
  computed: 'computed',
  computedOf: (tokens: number, all: number) => `${count(tokens)} of ${count(all)} tokens`,
  fidelity: 'keeps of in-context',
  exact: 'all of it, exactly',
  calibrated: (top1: string, kl: string) => `${top1} of its tokens (KL ${kl})`,
  notCalibrated: 'not calibrated',
  noMatter: 'something quicker is as faithful',
  measured: (queries: number) => `Times from ${count(queries)} ${queries === 1 ? 'question' : 'questions'} on this device.`,
  fromBuilds: (builds: number) => `No question was answered on this device yet: times from ${count(builds)} builds; reading is unknown.`,
  unmeasured: 'No question was answered on this device yet, so no time can be told.',
  calibratedOn: (questions: number, ofSet: boolean) =>
    `Fidelity was measured on ${count(questions)} other questions ${ofSet ? 'of this set' : 'for this model'}.`,
  uncalibrated: 'Fidelity is not calibrated for this model:',
  calibrate: 'Calibrate it',
  refused: 'The model’s check forbids these:',
  check: 'Check the model again',
  started: (title: string) => `Started: ${title}`,
  position: (strategy: string, figures: string) => `${strategy}: ${figures}`,
}

export const profiles = {
  label: 'Caches',
  hint: 'From which copies of the caches: the most faithful there are, or those of one profile alone',
  best: 'best caches',
  only: (profile: string) => `${profile} only`,
}

export const proposal = {
  propose: 'Propose parts',
  title: 'Parts that a search for the question proposes',
  hint: 'Only the ticked ones are asked.',
  tokens: (chunks: number, tokens: number) =>
    `${count(chunks)} ${chunks === 1 ? 'part' : 'parts'}, ${count(tokens)} tokens`,
  none: 'The search finds no words of this question in what is selected.',
  searching: 'Searching…',
  cancel: 'Ask of all that is selected',
  take: (place: string) => `Ask of ${place}`,
  page: (page: number) => `page ${count(page)}`,
}

export const conversation = {
  title: 'Conversation',
  follow: (turns: number) => `Follow up on ${turns === 1 ? 'this answer' : `these ${count(turns)} turns`}`,
  followHint: 'Earlier turns go along with the next question and are computed with it.',
  fresh: 'New conversation',
  begun: 'A new conversation begins.',
  turn: (number: number) => `Turn ${count(number)}`,
}

export const sources = {
  title: 'Where the answer came from',
  show: 'Show where it came from',
  hint: 'Composes the context once more and looks at the attention of every token of the answer.',
  working: 'Looking at the attention…',
  knowledge: (share: string) => `${share} of the answer’s attention went to knowledge, of that:`,
  times: (ratio: string) => `${ratio} its length`,
  token: (text: string, places: string) => `${text}: ${places}`,
  words: 'Token by token',
  wordsHint: 'Point at a word of the answer, or go through them with the arrow keys.',
  caveat: 'Mean over heads and all layers but the first. What a model looks at is no proof of why it answers so.',
  more: (rest: number) => `and ${count(rest)} more with less`,
}

export const copying = {
  menu: 'Copy as',
  command: 'Command line',
  curl: 'curl',
  python: 'Python',
  copied: (form: string) => `Copied as ${form}.`,
  copiedWithToken: (form: string) => `Copied as ${form}. It takes the token from KVASIR_TOKEN.`,
  withoutHistory: 'Copied as command line, without the earlier turns.',
}

export const past = {
  knowledge: 'Knowledge',
  questions: 'Questions',
  tabs: 'List shows',
  none: 'Nothing was asked of this set yet.',
  older: 'Older ones',
  loading: 'Loading the history…',
  stopped: 'stopped',
  figures: (strategy: string, time: string) => `${strategy} · ${time}`,
  hitRate: (share: string) => `${share} reused`,
  title: (id: number) => `Question ${count(id)}`,
  asked: (time: string, set: string) => `asked ${time} of ${set}`,
  askedRemoved: (time: string) => `asked ${time} of a set that is removed`,
  again: 'Ask again',
  back: 'Back to asking',
  onlyFigures: 'Only the figures of this question are kept: it was stopped, or is older than the 1,000 newest.',
  link: 'Link to this question',
}

export const mend = {
  title: 'Why, and what mends it',
  build: 'Build what is missing',
  again: 'Ask again and keep what was missed',
  reuse: 'Ask again by Reuse',
  recode: (profile: string) => `Code the set as ${profile}`,
  room: (bytes: string) => `Raise the limit to ${bytes} and build again`,
  trash: 'Look in the trash',
  started: (title: string) => `Started: ${title}`,
  marked: (tokens: number) => `${count(tokens)} tokens were computed again; they are marked in the text.`,
  markedLegend: 'computed again',
}

export const askCommands = {
  ask: 'Ask the question',
  compare: 'Compare with in-context',
  race: 'Race this question',
  stop: 'Stop the answer',
  focus: 'Write a question',
  propose: 'Propose parts for the question',
  fresh: 'New conversation',
  sources: 'Show where the answer came from',
  again: 'Ask this question again',
}
