/** Made-up caches for the fake workbench: as many as told, always the same, with a trash that gives back. */
import { WorkbenchError } from '../../src/shared/errors'
import type { HitsReport, HitTimeline } from '../../src/shared/hits'
import { CONTEXT_KINDS } from '../../src/shared/knowledge'
import { PROFILES, type Profile } from '../../src/shared/profile'
import {
  CACHE_PLANES,
  cacheFilter,
  cachePage,
  chosenCaches,
  cleanFilter,
  type CacheDrawing,
  type CacheFilter,
  type CacheRow,
  type CacheSort,
  type ChosenCachesInput,
  type CleanInput,
  type CleanPreview,
  type DrawInput,
  type StoreStats,
  type TrashBatch,
} from '../../src/shared/upkeep'
import type { JobState, Workbench } from '../../src/shared/workbench'

const DAY_MS = 86_400_000
const NOW = Date.parse('2025-03-01T12:00:00.000Z')
const LAYERS = 6
const TITLES = ['Travel policy 2025', 'Handbook 2024', 'Minutes, March', 'Budget <2025> & "plans"', '员工手册']
const WORDS = ['Trains', ' are', ' preferred', ' below', ' six', ' hours', '.', ' Flights', ' need', ' approval']

export type FakeStore = Pick<
  Workbench['store'],
  'stats' | 'list' | 'cache' | 'draw' | 'chosen' | 'preview' | 'clean' | 'trash' | 'restore' | 'emptyTrash' | 'setQuota' | 'scrubbed' | 'pin'
>

export interface FakeCaches {
  readonly store: FakeStore
  report(base: HitsReport): HitsReport
  timeline(split: HitTimeline['split']): HitTimeline
}

type StartJob = (kind: JobState['kind'], total: number, step?: (index: number) => void) => JobState

export function fakeCaches(count: number, startJob: StartJob): FakeCaches {
  const rows = new Map(Array.from({ length: count }, (_, at) => rowOf(at)).map((row) => [row.key, row]))
  const trash = new Map<number, { rows: CacheRow[]; at: string }>()
  let quota: number | null = null

  const matching = (filter: CacheFilter): CacheRow[] => [...rows.values()].filter((row) => fits(row, filter))
  const chosenRows = (input: ChosenCachesInput): CacheRow[] => {
    const chosen = chosenCaches.parse(input)
    return 'keys' in chosen ? chosen.keys.flatMap((key) => rows.get(key) ?? []) : matching(chosen.filter)
  }
  const change = (row: CacheRow, changes: Partial<CacheRow>): void => void rows.set(row.key, { ...row, ...changes })
  const throwAway = (gone: CacheRow[]): number | null => {
    if (gone.length === 0) return null
    const batch = Math.max(0, ...trash.keys()) + 1
    trash.set(batch, { rows: gone, at: new Date(NOW).toISOString() })
    for (const { key } of gone) rows.delete(key)
    return batch
  }
  const going = (input: CleanInput): CacheRow[] => {
    const { set, profile, unusedDays, unreferenced, duplicates } = cleanFilter.parse(input)
    return matching(cacheFilter.parse({ set, profile, unusedDays, unreferenced, duplicates })).filter(({ pinned }) => !pinned)
  }
  const preview = (input: CleanInput): CleanPreview => {
    const gone = going(input)
    const sum = (of: (row: CacheRow) => number): number => gone.reduce((total, row) => total + of(row), 0)
    return {
      copies: gone.length,
      bytes: sum(({ bytes }) => bytes),
      caches: gone.length,
      recomputeMs: sum(({ computeMs }) => computeMs),
      rows: gone.slice(0, cleanFilter.parse(input).rows).map(({ profiles: [profile = 'f16'], ...row }) => ({ ...row, profile, stays: false })),
    }
  }
  const find = (key: string): CacheRow => {
    const row = rows.get(key)
    if (!row) throw new WorkbenchError('not-found', `Expected the key of a cache but got ${key}.`)
    return row
  }

  const store: FakeStore = {
    stats: () => statsOf([...rows.values()], [...trash.values()].flatMap((batch) => batch.rows), quota),
    list: async (input = {}) => {
      const { sort, descending, limit, offset, ...filter } = cachePage.parse(input)
      const order = sort ?? (filter.set === undefined ? 'use' : 'document')
      const found = matching(filter).toSorted((a, b) => compare(valueOf(a, order), valueOf(b, order)))
      if (descending ?? order !== 'document') found.reverse()
      const bytes = found.reduce((sum, row) => sum + row.bytes, 0)
      return { rows: found.slice(offset, offset + limit), total: found.length, bytes }
    },
    cache: async (key) => {
      const row = find(key)
      return {
        ...row,
        model: { id: 'demo', name: 'Demo' },
        fingerprint: 'a'.repeat(64),
        chain: 'c'.repeat(64),
        front: row.kind === 'document' ? { kind: 'document', tokens: 96, chunks: ['d1.s1.c1', 'd1.s2.c1'] } : { kind: 'bos', tokens: 1 },
        tokenDigest: 'd'.repeat(64),
        text: WORDS.join(''),
        copies: row.profiles.map((profile) => ({
          profile,
          bytes: row.bytes,
          codebook: profile === 'f16' ? null : 'e'.repeat(64),
          object: 'f'.repeat(64),
          madeAt: row.createdAt,
          temporary: false,
        })),
        damaged: row.damage === null ? [] : [{ profile: 'f16', why: row.damage, foundAt: row.createdAt }],
        stands: row.place ? [row.place] : [],
        variants: [...rows.values()].filter((each) => each.key !== key).slice(0, 1),
        uses: row.usedAt === null ? [] : [{ query: 7, askedAt: row.usedAt, set: 'set1', question: 'Who approves flights?', recomputed: 3 }],
      }
    },
    draw: async (key, input = {}) => drawingOf(find(key), input),
    chosen: {
      verify: async (input) => startJob('scrub', chosenRows(input).length),
      pin: async (input, pinned) => {
        const changed = chosenRows(input).filter((row) => row.pinned !== pinned)
        for (const row of changed) change(row, { pinned })
        return changed.length
      },
      evict: async (input) => {
        const wanted = chosenRows(input)
        const gone = wanted.filter(({ pinned }) => !pinned)
        const sum = (of: (row: CacheRow) => number): number => gone.reduce((total, row) => total + of(row), 0)
        const figures = { caches: gone.length, copies: gone.length, bytes: sum((row) => row.bytes), recomputeMs: sum((row) => row.computeMs) }
        return { batch: throwAway(gone), ...figures, pinned: wanted.length - gone.length }
      },
      rebuild: async (input) => {
        const wanted = chosenRows(input)
        return startJob('build', wanted.length, (at) => change(wanted[at]!, { damage: null, profiles: ['f16'], bytes: 73_000 }))
      },
      recode: async (input, profile) => {
        const wanted = chosenRows(input)
        return startJob('recode', wanted.length, (at) => change(wanted[at]!, { profiles: [...new Set<Profile>([...wanted[at]!.profiles, profile])] }))
      },
    },
    pin: async () => 0,
    scrubbed: () => ({ checked: 4, bytes: 400, damaged: [] }),
    preview: async (input) => preview(input),
    clean: async (input) => {
      const figures = preview(input)
      return { ...figures, batch: throwAway(going(input)) }
    },
    trash: () =>
      [...trash].toReversed().map(([batch, { rows: gone, at }]): TrashBatch => ({
        batch,
        copies: gone.length,
        bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0),
        trashedAt: at,
      })),
    restore: (batch) => {
      const gone = trash.get(batch)?.rows ?? []
      for (const row of gone) rows.set(row.key, row)
      trash.delete(batch)
      return gone.length
    },
    emptyTrash: () => trash.clear(),
    setQuota: (bytes) => {
      quota = bytes
    },
  }
  return { store, report: (base) => (count === 0 ? base : reported(base)), timeline: (split) => timelineOf(split, count > 0) }
}

function rowOf(at: number): CacheRow {
  const document = (at % TITLES.length) + 1
  const section = Math.floor(at / TITLES.length) + 1
  const isPlaced = at % 37 !== 36
  const kind = CONTEXT_KINDS[at % 3] ?? 'bos'
  const tokens = 40 + ((at * 53) % 460)
  const profiles: Profile[] = at % 5 === 0 ? ['f16', 'small'] : at % 4 === 0 ? ['small'] : ['f16']
  return {
    key: (at + 1).toString(16).padStart(64, '0'),
    place: isPlaced
      ? {
          set: 'set1',
          setName: 'Sample',
          document: `d${document}`,
          title: TITLES[document - 1] ?? '',
          section: `Part ${section}`,
          node: `d${document}.s${section}.c1`,
          preview: `Trains are preferred below six hours, says part ${section}.`,
        }
      : null,
    places: isPlaced ? 1 : 0,
    kind,
    tokens,
    profiles: at % 101 === 100 ? [] : profiles,
    bytes: at % 101 === 100 ? 0 : tokens * (profiles.includes('f16') ? 768 : 60),
    computeMs: tokens * 1.7,
    createdAt: new Date(NOW - ((at % 60) + 1) * DAY_MS).toISOString(),
    usedAt: at % 3 === 2 ? null : new Date(NOW - (at % 45) * DAY_MS - at * 1000).toISOString(),
    hits: at % 3 === 2 ? 0 : (at * 7) % 40,
    pinned: at % 29 === 0 && at > 0,
    damage: at % 101 === 100 ? 'its file is missing' : null,
    memoryBytes: at % 11 === 0 ? tokens * 768 : 0,
  }
}

function fits(row: CacheRow, filter: CacheFilter): boolean {
  const age = (NOW - Date.parse(row.usedAt ?? row.createdAt)) / DAY_MS
  return (
    (filter.set === undefined || row.place?.set === filter.set || row.place?.setName === filter.set) &&
    (filter.document === undefined || row.place?.document === filter.document) &&
    (!filter.title || (row.place?.title ?? '').toLowerCase().includes(filter.title.toLowerCase())) &&
    (filter.profile === undefined || row.profiles.includes(filter.profile)) &&
    (filter.kind === undefined || row.kind === filter.kind) &&
    (!filter.pinned || row.pinned) &&
    (!filter.damaged || row.damage !== null) &&
    (!filter.duplicates || row.profiles.length > 1) &&
    (!filter.unreferenced || row.place === null) &&
    (filter.unusedDays === undefined || age >= filter.unusedDays)
  )
}

function valueOf(row: CacheRow, sort: CacheSort): string | number {
  switch (sort) {
    case 'size':
      return row.bytes
    case 'hits':
      return row.hits
    case 'tokens':
      return row.tokens
    case 'compute':
      return row.computeMs
    case 'made':
      return row.createdAt
    case 'document':
      return row.place?.node ?? '~'
    case 'use':
      return row.usedAt ?? row.createdAt
  }
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function statsOf(rows: CacheRow[], gone: CacheRow[], quota: number | null): StoreStats {
  const bytesOf = (of: CacheRow[]): number => of.reduce((sum, row) => sum + row.bytes, 0)
  const profiles = PROFILES.map((profile) => {
    const own = rows.filter((row) => row.profiles.includes(profile))
    return { profile, copies: own.length, bytes: bytesOf(own.filter((row) => row.profiles[0] === profile)) }
  }).filter(({ copies }) => copies > 0)
  return {
    entries: rows.length,
    bytes: bytesOf(rows),
    quarantined: rows.filter(({ damage }) => damage !== null).length,
    pinned: rows.filter(({ pinned }) => pinned).length,
    profiles,
    trash: { copies: gone.length, bytes: bytesOf(gone) },
    quota,
  }
}

function drawingOf(row: CacheRow, { from = 0, to = row.tokens, question, profile }: DrawInput): CacheDrawing {
  const count = to - from
  const plane = (scale: number, depth: number): number[][] =>
    Array.from({ length: LAYERS }, (_, layer) =>
      Array.from({ length: count }, (__, at) => {
        const token = from + at
        const wave = 0.5 + 0.5 * Math.sin(token * 0.7 + layer) * Math.cos(token * 0.13 * (layer + 1))
        // Variants of one text are not alike.
        return Number((scale * (1 + CONTEXT_KINDS.indexOf(row.kind) / 2) * (wave + (depth * layer) / LAYERS) * (token === 0 ? 2 : 1)).toPrecision(4))
      }),
    )
  const planes = {
    keyNorms: plane(12, 1),
    valueNorms: plane(3, 0.5),
    keyDeviations: plane(0.3, 1),
    valueDeviations: plane(0.4, 1),
    attention: plane(0.02, 0.2),
    questionAttention: question === undefined ? [] : plane(0.05, 0.4),
  } satisfies Record<(typeof CACHE_PLANES)[number], number[][]>
  return {
    key: row.key,
    profile: profile ?? row.profiles[0] ?? 'f16',
    tokens: row.tokens,
    from,
    to,
    node: row.place?.node ?? null,
    frontTokens: 96,
    question: question ?? null,
    layers: LAYERS,
    cells: count,
    tokensPerCell: 1,
    planes,
    texts: Array.from({ length: count }, (_, at) => WORDS[(from + at) % WORDS.length] ?? ''),
  }
}

function reported(base: HitsReport): HitsReport {
  const figures = { times: 40, tokens: 10_000, reused: 8000, recomputed: 500, missed: 1500, hitRate: 0.8 }
  return {
    ...base,
    total: figures,
    reasons: [
      { kind: 'missed', reason: 'never-built', times: 12, tokens: 900, share: 0.09, why: 'its cache was never built', mend: 'build', remedy: 'Build the set: kvasir build set1' },
      { kind: 'missed', reason: 'evicted', times: 6, tokens: 600, share: 0.06, why: 'its cache went to make room', mend: 'build', remedy: 'Raise the quota or pin the set' },
      { kind: 'recomputed', reason: 'recomputed', times: null, tokens: 500, share: 0.05, why: 'the strategy computes them again in their place, for a better answer', mend: 'strategy', remedy: 'Take a strategy that computes less again' },
      { kind: 'poorer', reason: 'no-document', times: 4, tokens: 300, share: 0.03, why: 'the variant behind its document is not cached', mend: 'build', remedy: 'Build the set: kvasir build set1' },
    ],
  }
}

function timelineOf(split: HitTimeline['split'], isAsked: boolean): HitTimeline {
  const starts = isAsked ? Array.from({ length: 14 }, (_, day) => new Date(NOW - (13 - day) * DAY_MS).toISOString().slice(0, 10)) : []
  const line = (id: string, name: string, share: (day: number) => number): HitTimeline['series'][number] => ({
    id,
    name,
    state: 'current',
    points: starts.map((_, day) => ({ tokens: Math.round(1000 * share(day)), share: share(day) })),
  })
  const grown = (day: number): number => 0.3 + 0.04 * day
  if (split === 'tier')
    return {
      split,
      step: 'day',
      starts,
      leftOut: 0,
      series: [
        line('memory', 'memory', (day) => grown(day) * 0.4),
        line('disk', 'disk', (day) => grown(day) * 0.55),
        line('recomputed', 'recomputed', (day) => grown(day) * 0.05),
        line('missed', 'missed', (day) => 1 - grown(day)),
      ],
    }
  const names = split === 'set' ? ['Sample', 'Contracts'] : TITLES.slice(0, 3)
  const series = names.map((name, at) => line(`${split === 'set' ? 'set' : 'd'}${at + 1}`, name, (day) => Math.min(1, grown(day) + at * 0.05)))
  return { split, step: 'day', starts, series, leftOut: 0 }
}
