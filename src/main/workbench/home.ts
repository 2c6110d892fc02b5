/** The first page's figures, from what the workbench knows anyway. */
import { toErrorData } from '../../shared/errors'
import { homeRequest, type Home, type HomeInput, type Saved, type SetNeeds } from '../../shared/home'
import type { PastQuery } from '../../shared/hits'
import type { SetSummary } from '../../shared/knowledge'
import type { Workbench } from '../../shared/workbench'
import { errorText } from '../base/error-code'
import { median } from '../bench/statistics'

type Parts = Pick<Workbench, 'hits' | 'sets' | 'documents' | 'models' | 'jobs'>

/** Questions that speeds and savings are taken from, newest first. */
const MOST_QUERIES = 1000
/** Of the newest, by model: a machine that was busy once does not count for ever. */
const SPEED_QUERIES = 25
/** Fewer tokens say more of the start than of the speed. */
const LEAST_TOKENS = 64

/** @param parts asked for at each call: the workbench is put together around this */
export function homeOf(parts: () => Parts): Workbench['home'] {
  return {
    show: async (input = {}) => await show(parts(), input),
    needs: async (set) => await needs(parts(), set),
  }
}

async function show({ hits, sets, models }: Parts, input: HomeInput): Promise<Home> {
  const { zone, limit } = homeRequest.parse(input)
  const day = dayIn(zone)
  const [queries, days, all, known] = await Promise.all([
    hits.history({ limit: MOST_QUERIES }),
    hits.report({ by: 'day', zone, limit: 1 }),
    sets.list(),
    models.list(),
  ])
  const [latest] = days.rows
  const today = day(new Date())
  return {
    today:
      latest?.id === today
        ? { figures: latest, saved: savedOf(queries.filter(({ askedAt }) => day(new Date(askedAt)) === today), queries) }
        : null,
    questions: queries.slice(0, limit),
    sets: lately(all, queries).slice(0, limit),
    models: known.map(({ id, verdict, isDefault }) => ({ id, verdict: verdict?.passed ?? null, isDefault })),
  }
}

/** The tokens that were reused, at the speed at which their model reads. Null where that is not known of any. */
export function savedOf(asked: readonly PastQuery[], queries: readonly PastQuery[]): Saved | null {
  const speeds = [...Map.groupBy(queries.filter(isWhole), ({ model }) => model)].map(([model, own]) => {
    const newest = own.slice(0, SPEED_QUERIES)
    const tokensPerSecond = median(newest.map(({ computedTokens, ttftMs }) => (computedTokens * 1000) / ttftMs))
    return { model, tokensPerSecond, questions: newest.length }
  })
  const reused = speeds.map((speed) => ({
    ...speed,
    tokens: asked
      .filter(({ model }) => model === speed.model)
      .reduce((sum, { reusedTokens, recomputedTokens }) => sum + reusedTokens - recomputedTokens, 0),
  }))
  const counted = reused.filter(({ tokens }) => tokens > 0)
  if (counted.length === 0) return null
  return {
    seconds: counted.reduce((sum, { tokens, tokensPerSecond }) => sum + tokens / tokensPerSecond, 0),
    tokens: counted.reduce((sum, { tokens }) => sum + tokens, 0),
    speeds: counted.map(({ model, tokensPerSecond, questions }) => ({ model, tokensPerSecond, questions })),
  }
}

/** All of its prompt was computed: its time to the first token is that of reading. */
function isWhole({ reusedTokens, computedTokens, ttftMs }: PastQuery): boolean {
  return reusedTokens === 0 && computedTokens >= LEAST_TOKENS && ttftMs > 0
}

function lately(sets: readonly SetSummary[], queries: readonly PastQuery[]): SetSummary[] {
  const asked = new Map(queries.toReversed().map(({ set, askedAt }) => [set, askedAt]))
  const when = ({ id, createdAt }: SetSummary): string => asked.get(id) ?? createdAt
  return sets.toSorted((a, b) => when(b).localeCompare(when(a)))
}

async function needs({ sets, documents, jobs }: Parts, wanted: string): Promise<SetNeeds> {
  const { id, documents: count, chunks, cachedChunks, rows } = await sets.outline(wanted)
  const missing = chunks - cachedChunks
  const stale = rows.filter(({ state }) => state === 'stale').length
  const folders = await foldersOf(documents, id)
  const isBusy = jobs.list().some((job) => job.set === id && ['running', 'waiting', 'paused'].includes(job.status))
  const next = isBusy
    ? 'wait'
    : folders && folders.changed > 0
      ? 'sync'
      : count === 0
        ? 'import'
        : missing > 0
          ? 'build'
          : null
  return { set: id, chunks, missing, stale, folders, next }
}

async function foldersOf(documents: Parts['documents'], set: string): Promise<SetNeeds['folders']> {
  if ((await documents.sync.folders(set)).length === 0) return null
  try {
    const { entries } = await documents.sync.preview(set)
    return { changed: entries.filter(({ state }) => state !== 'unreadable').length, problem: null }
  } catch (error) {
    // A folder that is gone or not mounted now is told; the rest of the set is as it was.
    return { changed: 0, problem: errorText(error), said: toErrorData(error).detail }
  }
}

/** `2025-01-31`, as a zone's calendar has it. */
function dayIn(zone: string): (time: Date) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return (time) => format.format(time)
}
