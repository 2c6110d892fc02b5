/** Caches: lists, single ones, reuse over time, cleaning up. */
import type { ContextKind } from '../../../shared/knowledge'
import type { CacheFront, CachePlaneName } from '../../../shared/upkeep'
import type { Tier } from '../../../shared/hits'
import { count } from '../../ui/format'

export const grid = {
  chosen: 'Chosen',
  sortBy: (title: string) => `Sort by ${title}`,
}

const caches = (number: number): string => `${count(number)} ${number === 1 ? 'cache' : 'caches'}`

export const cachePage = {
  parts: 'Parts of this page',
  all: 'All caches',
  reuse: 'Reuse',
  clean: 'Clean up',
}

/** Short, for a column. */
export const variantNames: Record<ContextKind, string> = {
  bos: 'alone',
  prefix: 'behind the opening',
  document: 'behind its document',
  tail: 'behind a selection',
}

export const cacheList = {
  label: 'Caches',
  filters: 'Conditions',
  set: 'Set',
  anySet: 'All sets',
  title: 'Document title',
  variant: 'Variant',
  anyVariant: 'Any variant',
  profile: 'Kept as',
  anyProfile: 'Any profile',
  state: 'State',
  states: {
    any: 'Any state',
    pinned: 'Pinned',
    unused: 'Unused for 30 days',
    damaged: 'Damaged',
    duplicates: 'In several profiles',
    unreferenced: 'Of no document',
  },
  clear: 'Clear conditions',
  columns: {
    document: 'Document › section',
    variant: 'Variant',
    profiles: 'Kept as',
    tokens: 'Tokens',
    size: 'Size',
    hits: 'Uses',
    compute: 'Compute time',
    use: 'Last used',
    state: 'State',
  },
  nowhere: 'no document has this text now',
  morePlaces: (number: number) => `and ${count(number)} more`,
  never: 'never',
  pinned: 'pinned',
  damaged: 'damaged',
  inMemory: 'in memory',
  total: (number: number, bytes: string) => `${caches(number)}, ${bytes}`,
  chosen: (number: number) => `${count(number)} chosen`,
  chooseAll: (number: number) => `Choose all ${count(number)}`,
  chooseNone: 'Choose none',
  empty: 'No caches yet',
  emptyHint: 'Build a knowledge set: every chunk is computed once, and every question after that reuses it.',
  emptyAction: 'Go to a question',
  nothing: 'No cache matches',
  nothingHint: 'None has all the conditions that are set.',
  open: 'Open',
  compare: 'Compare',
  verify: 'Verify',
  pin: 'Pin',
  unpin: 'Unpin',
  evict: 'Evict',
  rebuild: 'Rebuild',
  recode: 'Re-encode',
  recodeAs: (profile: string) => `Re-encode as ${profile}`,
  commands: {
    verify: 'Verify the chosen caches',
    pin: 'Pin the chosen caches',
    unpin: 'Unpin the chosen caches',
    evict: 'Evict the chosen caches',
    rebuild: 'Rebuild the chosen caches from their text',
    all: 'Choose all caches that match',
    filter: 'Look for a document’s caches',
  },
  pinnedNow: (number: number) => `${caches(number)} pinned`,
  unpinnedNow: (number: number) => `${caches(number)} no longer pinned`,
  evicted: (number: number, bytes: string) => `${caches(number)} (${bytes}) moved to the trash`,
  pinnedStay: (number: number) => `${count(number)} pinned stay. Unpin them first to evict them.`,
}

export const cacheFacts = {
  back: 'All caches',
  title: 'Cache',
  facts: 'Facts',
  key: 'Key',
  model: 'Model',
  unknownModel: 'a model that is not here',
  variant: 'Variant',
  tokens: 'Tokens',
  computed: 'Computed',
  computedIn: (when: string, time: string) => `${when}, in ${time}`,
  used: 'Used',
  uses: (number: number, when: string) => `${count(number)}×, last ${when}`,
  inMemory: 'In engine memory',
  notInMemory: 'no',
  copies: 'Copies',
  madeAt: (when: string) => `made ${when}`,
  codebook: (digest: string) => `coded by ${digest}`,
  exact: 'exact',
  setAside: (profile: string) => `${profile} is damaged and was set aside`,
  stands: 'Stands in',
  stoodLast: 'No document has its text now.',
  variants: 'Same text, other contexts',
  compareWith: (what: string) => `Compare with ${what}`,
  usedBy: 'Questions it served',
  notUsed: 'None of the newest 2,000.',
  text: 'Text',
  front: (front: CacheFront): string => {
    switch (front.kind) {
      case 'bos':
        return 'computed alone'
      case 'prefix':
        return `behind the prompt’s opening, ${count(front.tokens)} tokens`
      case 'document':
        return `behind ${count(front.chunks.length)} ${front.chunks.length === 1 ? 'chunk' : 'chunks'} of its document, ${count(front.tokens)} tokens`
      case 'unknown':
        return 'behind parts that no document begins with now'
    }
  },
  frontTitle: 'Context',
  endComparison: 'End comparison',
}

export const planeNames: Record<CachePlaneName, string> = {
  keyNorms: 'K norm',
  valueNorms: 'V norm',
  keyDeviations: 'K deviation',
  valueDeviations: 'V deviation',
  attention: 'Attention received',
  questionAttention: 'Attention of a question',
}

export const planeHints: Record<CachePlaneName, string> = {
  keyNorms: 'Length of each token’s key, layer by layer.',
  valueNorms: 'Length of each token’s value, layer by layer.',
  keyDeviations: 'How far each key is from full prefill where its text stands now, as a share of that key’s length.',
  valueDeviations: 'How far each value is from full prefill where its text stands now, as a share of that value’s length.',
  attention: 'What later tokens of the chunk pay to each token on average, mean over heads.',
  questionAttention: 'What the question’s tokens pay to each token on average, mean over heads.',
}

export const drawing = {
  measure: 'Measure',
  question: 'Question',
  questionHint: 'Type a question to see what it looks at',
  ask: 'Look',
  draw: 'Draw this cache',
  drawHint: (tokens: number) => `Computes ${count(tokens)} tokens as full prefill would, to compare with.`,
  drawing: 'Computing full prefill to compare with…',
  title: (measure: string) => `${measure} by layer and token`,
  layers: 'layer',
  tokens: 'token',
  commonScale: (least: string, most: string) => `Both maps have one scale: ${least} to ${most}.`,
  difference: (measure: string) => `${measure}, second less first`,
  differenceHint: 'Orange: more in the second; blue: less.',
  map: (measure: string) =>
    `${measure} by layer and token. Arrow keys move, Shift with arrows marks tokens, Enter zooms to them, Escape shows all.`,
  place: (layer: number, token: number, text: string, value: string) => `layer ${layer}, token ${token} “${text}”: ${value}`,
  range: (from: number, to: number) => `tokens ${count(from)} to ${count(to)}`,
  zoom: 'Zoom to these',
  whole: 'Show all tokens',
  cells: (number: number) => `each column is the mean of ${count(number)} tokens; zoom in to part them`,
  against: (node: string, tokens: number, profile: string) =>
    `${profile} copy, against full prefill behind ${count(tokens)} tokens at ${node}`,
  columns: { layer: 'layer', token: 'token', text: 'text' },
  textTitle: 'Text, by the mean over layers',
}

export const tiers: Record<Tier, string> = {
  memory: 'memory',
  disk: 'disk',
  recomputed: 'computed again',
  missed: 'computed',
}

export const reuse = {
  set: 'Set',
  allSets: 'All sets',
  since: 'Since',
  spans: { day: '24 hours', week: '7 days', month: '30 days', all: 'All' },
  rate: (rate: string, queries: number) =>
    `Hit rate ${rate} in ${count(queries)} ${queries === 1 ? 'question' : 'questions'}`,
  tokens: (reused: string, again: string, missed: string) => `${reused} tokens reused, ${again} computed again, ${missed} computed`,
  tierChart: 'Where knowledge tokens came from',
  setChart: 'Hit rate by set',
  documentChart: 'Hit rate by document',
  leftOut: (number: number) => `${count(number)} more with fewer tokens`,
  removed: (name: string) => `${name} (removed)`,
  time: 'time',
  tokensOf: (name: string) => `${name}, tokens`,
  empty: 'Nothing was asked then',
  emptyHint: 'Ask a question: what it reused and what it had to compute is counted here.',
  emptyAction: 'Ask',
  why: 'Why tokens were not reused, most tokens first',
  whyColumns: { reason: 'Reason', times: 'Chunks', tokens: 'Tokens', share: 'Share', mend: 'What mends it' },
  kinds: { poorer: 'reused, poorer', recomputed: 'computed again' },
  again: 'the strategy computes them again in their place, for a better answer',
  everything: 'Everything was reused, in the best variant there is.',
  mend: {
    build: 'Build the set',
    buildAll: 'Build all sets',
    rebuild: 'Make damaged ones again',
    quota: 'Look at the quota',
    trash: 'Look in the trash',
    recode: 'Choose caches to re-encode',
    strategy: 'Choose a strategy',
  },
}

export const cleaning = {
  quota: 'Room for caches',
  used: (used: string, quota: string) => `${used} of at most ${quota}`,
  noQuota: (used: string) => `${used}, no limit`,
  trash: (bytes: string) => `${bytes} more in the trash`,
  limit: 'Limit, GB',
  setLimit: 'Set limit',
  noLimit: 'No limit',
  limitSet: (limit: string) => `Limit of caches: ${limit}`,
  limitGone: 'No limit of caches',
  choose: 'What may go',
  set: 'Set',
  anySet: 'All sets',
  profile: 'Kept as',
  anyProfile: 'Any profile',
  unused: 'Not used for, days',
  unreferenced: 'Only texts that no document has',
  duplicates: 'Only copies beside which another stays',
  bytes: 'At most, GB',
  needsCondition: 'Set a condition: without one, everything would go.',
  preview: 'What would go, the most valuable last',
  nothing: 'Nothing fits these conditions.',
  frees: (copies: number, bytes: string) => `Frees ${bytes}: ${count(copies)} ${copies === 1 ? 'file' : 'files'}`,
  lost: (number: number, time: string) =>
    number === 0 ? 'Each has another copy.' : `${caches(number)} would be gone; computing them again takes about ${time}.`,
  shown: (shown: number, all: number) => `The first ${count(shown)} of ${count(all)} are shown.`,
  stays: 'another copy stays',
  goes: 'gone',
  columns: { document: 'Document › section', profile: 'Kept as', size: 'Size', use: 'Last used', hits: 'Uses', stays: 'Afterwards' },
  clean: 'Move to the trash',
  cleaned: (copies: number, bytes: string) => `${count(copies)} ${copies === 1 ? 'file' : 'files'} (${bytes}) moved to the trash`,
  bin: 'Trash',
  binHint: 'What lies here for 7 days goes for good.',
  binEmpty: 'The trash is empty.',
  batch: (copies: number, bytes: string, when: string) => `${count(copies)} ${copies === 1 ? 'file' : 'files'}, ${bytes}, ${when}`,
  restore: 'Bring back',
  restored: (number: number) => `${count(number)} ${number === 1 ? 'file' : 'files'} brought back`,
  empty: 'Empty the trash',
  emptyTitle: 'Empty the trash?',
  emptyText: (bytes: string) => `${bytes} go for good. What is in use stays.`,
  emptyNow: 'Empty it',
  cancel: 'Cancel',
  check: 'Health',
  checkHint: 'Reads every file whole and sets aside what is damaged.',
  checkAll: 'Check all caches',
  damaged: (number: number) => `${caches(number)} damaged`,
  mend: 'Make them again',
  sound: 'Nothing is set aside as damaged.',
}
