import { InvalidArgumentError, Option, type Command } from 'commander'
import { WorkbenchError } from '../../shared/errors'
import { CONTEXT_KINDS, type ContextKind } from '../../shared/knowledge'
import { CODED_PROFILES, type CodedProfile, type Profile } from '../../shared/profile'
import {
  CACHE_PLANES,
  CACHE_SORTS,
  type CacheDetail,
  type CacheDrawing,
  type CacheFilterInput,
  type CacheFront,
  type CacheRow,
  type CacheSort,
  type ChosenCachesInput,
  type ScrubResult,
} from '../../shared/upkeep'
import type { JobState } from '../../shared/workbench'
import { findNodes } from '../documents/find-node'
import { collect, wholeBetween } from './ask'
import { bytes, clock, count, milliseconds, several } from './figures'
import { followJob } from './follow-job'
import { localTime } from './history'
import { profileOf } from './profiles'
import type { Run, Session } from './run'
import { numbers, pairs, shortened, table } from './table'

interface FilterOptions {
  readonly key?: readonly string[]
  readonly set?: string
  readonly document?: string
  readonly title?: string
  readonly keptAs?: Profile
  readonly kind?: ContextKind
  readonly pinned?: boolean
  readonly unused?: number
  readonly damaged?: boolean
  readonly duplicates?: boolean
  readonly unreferenced?: boolean
}

interface ListOptions extends FilterOptions {
  readonly sort?: CacheSort
  readonly ascending?: boolean
  readonly descending?: boolean
  readonly keys?: boolean
  readonly limit: number
  readonly offset: number
}

const CHOICE_HELP = `
Caches are chosen by keys ("kvasir store list --keys" shows them) or by conditions, which hold together.`

/** `kvasir store list | show | draw | verify | pin | unpin | evict | rebuild | recode` */
export function addCachesCommands(store: Command, run: Run): void {
  filtered(store.command('list').argument('[set]', 'id or name (default: all sets)'), { keys: false })
    .addOption(new Option('--sort <what>', 'default: reading order of a set, else last use').choices(CACHE_SORTS))
    .option('--ascending', 'least first')
    .addOption(new Option('--descending', 'most first').conflicts('ascending'))
    .option('--keys', 'show whole keys')
    .option('--limit <n>', 'so many (default: 50)', wholeBetween(1, 1000), 50)
    .option('--offset <n>', 'behind so many', wholeBetween(0, Number.MAX_SAFE_INTEGER), 0)
    .description('list caches: where their text stands, size, profiles, uses')
    .action(
      run(async ({ workbench, output }, set: string | undefined, options: ListOptions) => {
        const { sort, limit, offset, keys = false } = options
        const descending = options.descending ?? (options.ascending ? false : undefined)
        const filter = filterOf({ ...options, set })
        const { rows, total, bytes: size } = await workbench.store.list({ ...filter, sort, descending, limit, offset })
        output.result({ caches: rows, total, bytes: size })
        if (rows.length === 0) return output.line('No caches here.')
        output.line(cachesTable(rows, keys))
        const last = offset + rows.length
        output.remark(`${count(offset + 1)} to ${count(last)} of ${several(total, 'cache')}, ${bytes(size)} in all`)
        if (last < total) output.remark(`More: --offset ${last}`)
      }),
    )

  store
    .command('show')
    .argument('<key>', 'of a cache')
    .description('show one cache: what it was computed behind, its copies, where its text stands, which questions it served')
    .action(
      run(async ({ workbench, output }, key: string) => {
        const cache = await workbench.store.cache(keyOf(key))
        output.result({ cache })
        output.line(detailText(cache))
      }),
    )

  store
    .command('draw')
    .argument('<key>', 'of a cache')
    .option('--question <text>', 'also what its tokens attend to')
    .option('--profile <profile>', 'of which copy (default: the most exact)', profileOf)
    .option('--from <token>', 'only from this token of the cache on, the first being 0', wholeBetween(0, 10_000_000))
    .option('--to <token>', 'only up to this one, which is left out', wholeBetween(1, 10_000_000))
    .description('compute, layer by layer, norms, deviation from full prefill and attention received; --json has every token')
    .action(
      run(async ({ workbench, output, signal }, key: string, options: { question?: string; profile?: Profile; from?: number; to?: number }) => {
        const drawing = await workbench.store.draw(keyOf(key), options, { signal })
        output.result({ drawing })
        output.line(drawingTable(drawing))
      }),
    )

  filtered(store.command('verify').argument('[set]', 'id or name (default: everything)'))
    .description('read every cache file whole and set aside what is damaged; fails where something is')
    .action(
      run(async (session, set: string | undefined, options: FilterOptions) => {
        const { workbench } = session
        const chosen = chosenOf({ ...options, set })
        const isWhole = chosen === null || Object.keys(options).length === 0
        const job = isWhole ? await workbench.store.scrub({ set }) : await workbench.store.chosen.verify(chosen)
        const result = await scrubbed(session, job)
        if (result.damaged.length > 0) session.fail(damageText(result))
      }),
    )

  for (const [name, pinned, description] of [
    ['pin', true, 'never remove these caches to make room or to clean up'],
    ['unpin', false, 'let these caches go again when room is needed'],
  ] as const) {
    filtered(
      store
        .command(name)
        .argument('[set]', 'id or name')
        .argument('[part...]', 'documents, sections or chunks, by id or title (default: the whole set)'),
    )
      .description(description)
      .action(
        run(async ({ workbench, output }, set: string | undefined, parts: readonly string[], options: FilterOptions) => {
          let changed = 0
          if (Object.keys(options).length > 0) {
            changed = await workbench.store.chosen.pin(required(chosenOf({ ...options, set })), pinned)
          } else {
            const found = await workbench.sets.show(required(set ?? null))
            const nodes = parts.length > 0 ? findNodes(found, parts) : [found.id]
            for (const node of nodes) changed += await workbench.store.pin(node, pinned)
          }
          output.result({ changed })
          output.line(`${several(changed, 'cache')} ${pinned ? 'pinned' : 'no longer pinned'}.`)
        }),
      )
  }

  filtered(store.command('evict').argument('[set]', 'id or name'))
    .description('throw caches away, but for pinned ones; "kvasir store restore" brings them back')
    .action(
      run(async ({ workbench, output }, set: string | undefined, options: FilterOptions) => {
        const evicted = await workbench.store.chosen.evict(required(chosenOf({ ...options, set })))
        output.result({ evicted })
        const { batch, caches, bytes: size, recomputeMs, pinned } = evicted
        const again = `${clock(recomputeMs / 1000)} to compute them again`
        output.line(batch === null ? 'Nothing was removed.' : `In the trash: ${several(caches, 'cache')}, ${bytes(size)}; ${again}.`)
        if (pinned > 0) output.line(`${several(pinned, 'pinned cache')} stayed.`)
        if (batch !== null) output.remark(`Bring them back: kvasir store restore ${batch}`)
      }),
    )

  filtered(store.command('rebuild').argument('[set]', 'id or name'))
    .description('make caches again from their text, also damaged ones; the old ones are kept until then')
    .action(
      run(async (session, set: string | undefined, options: FilterOptions) => {
        const chosen = required(chosenOf({ ...options, set }))
        await follow(session, await session.workbench.store.chosen.rebuild(chosen))
      }),
    )

  filtered(store.command('recode').argument('[set]', 'id or name'))
    .requiredOption('--profile <profile>', CODED_PROFILES.join(', '), codedProfile)
    .description('code f16 caches in another profile too; what is there in a lossy one only is left alone')
    .action(
      run(async (session, set: string | undefined, options: FilterOptions & { profile: CodedProfile }) => {
        const { profile, ...rest } = options
        const { workbench, output } = session
        if (set !== undefined && Object.keys(rest).length === 0) {
          await follow(session, await workbench.store.recode(set, profile))
          output.remark(`Its f16 copies stay until "kvasir store clean --set ${set} --profile f16 --duplicates --yes".`)
          return
        }
        await follow(session, await workbench.store.chosen.recode(required(chosenOf({ ...rest, set })), profile))
      }),
    )
}

/** Options that choose caches. */
function filtered(command: Command, { keys = true } = {}): Command {
  if (keys) command.option('--key <key>', 'this cache (repeatable)', collect).addHelpText('after', CHOICE_HELP)
  return command
    .option('--document <id>', 'of this document, such as d12')
    .option('--title <text>', 'of documents with this in their title')
    .option('--kept-as <profile>', 'with a copy in this profile', profileOf)
    .addOption(new Option('--kind <variant>', 'computed behind this').choices(CONTEXT_KINDS))
    .option('--pinned', 'that are pinned')
    .option('--unused <days>', 'neither used nor made for so long', wholeBetween(0, 100_000))
    .option('--damaged', 'of which a copy was set aside')
    .option('--duplicates', 'with several copies')
    .option('--unreferenced', 'of texts that no document of any set has')
}

function filterOf(options: FilterOptions): CacheFilterInput {
  const { set, document, title, keptAs: profile, kind, unused: unusedDays } = options
  const { pinned, damaged, duplicates, unreferenced } = options
  return { set, document, title, profile, kind, unusedDays, pinned, damaged, duplicates, unreferenced }
}

/** Null: nothing was said. */
function chosenOf(options: FilterOptions): ChosenCachesInput | null {
  if (options.key) return { keys: options.key.map(keyOf) }
  const filter = filterOf(options)
  return Object.values(filter).some((value) => value !== undefined) ? { filter } : null
}

function required<T>(chosen: T | null): T {
  if (chosen !== null) return chosen
  throw new WorkbenchError(
    'argument.invalid',
    'Expected a set, --key or a condition such as --unused 30: without one all caches would be meant.',
  )
}

function keyOf(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text
  throw new WorkbenchError(
    'argument.invalid',
    `Expected the key of a cache, 64 hexadecimal digits, but got "${text}". "kvasir store list --keys" shows them.`,
  )
}

async function follow(session: Session, started: JobState): Promise<void> {
  const job = await followJob(session, started)
  session.output.result({ job })
  if (job.result) session.output.line(job.result)
}

/** Waits for a job that reads copies whole, and tells what it found. */
export async function scrubbed(session: Session, started: JobState): Promise<ScrubResult> {
  const { workbench, output } = session
  const job = await followJob(session, started)
  const result = workbench.store.scrubbed(job.id)
  output.result({ job, ...result })
  if (result.damaged.length === 0) output.line(job.result ?? '')
  return result
}

export function damageText({ checked, damaged }: ScrubResult): string {
  const each = damaged.map(({ key, profile, why }) => `  ${key.slice(0, 12)}… (${profile}): ${why}`)
  return `${damaged.length} of ${several(checked, 'file')} damaged and set aside:\n${each.join('\n')}`
}

function cachesTable(caches: readonly CacheRow[], keys: boolean): string {
  return table(
    [keys ? 'key' : 'chunk', 'document', 'variant', numbers('tokens'), 'kept as', numbers('size'), numbers('uses'), 'last used', ''],
    caches.map((cache) => [
      keys ? cache.key : (cache.place?.node ?? `${cache.key.slice(0, 12)}…`),
      cache.place ? shortened(cache.place.title, 24) : '(no document)',
      cache.kind,
      count(cache.tokens),
      cache.profiles.join(', '),
      bytes(cache.bytes),
      count(cache.hits),
      cache.usedAt?.slice(0, 10) ?? 'never',
      [cache.pinned ? 'pinned' : '', cache.damage === null ? '' : 'damaged', cache.memoryBytes > 0 ? 'in memory' : '']
        .filter((word) => word !== '')
        .join(', '),
    ]),
  )
}

function detailText(cache: CacheDetail): string {
  const { copies, stands, variants, uses, damaged } = cache
  const parts = [pairs(factRows(cache))]
  if (copies.length > 0)
    parts.push(
      table(
        ['copy', numbers('size'), 'made', 'codebook'],
        copies.map(({ profile, bytes: size, madeAt, codebook }) => [
          profile, bytes(size), localTime(madeAt), codebook ? `${codebook.slice(0, 12)}…` : '',
        ]),
      ),
    )
  parts.push(...damaged.map(({ profile, why, foundAt }) => `Set aside ${localTime(foundAt)} (${profile}): ${why}`))
  if (stands.length > 0)
    parts.push(table(['stands in', 'document', 'section'], stands.map(({ node, setName, title, section }) => [node, `${setName}: ${shortened(title, 30)}`, shortened(section, 30)])))
  if (variants.length > 0) parts.push(`The same text behind other parts:\n${cachesTable(variants, true)}`)
  if (uses.length > 0)
    parts.push(table([numbers('query'), 'asked', 'question'], uses.slice(0, 20).map(({ query, askedAt, question }) => [String(query), localTime(askedAt), shortened(question, 60)])))
  if (cache.text !== null) parts.push(cache.text.trim())
  return parts.join('\n\n')
}

function factRows({ key, model, fingerprint, kind, tokens, front, ...rest }: CacheDetail): [string, string][] {
  return [
    ['key', key],
    ['model', model ? `${model.name} (${model.id})` : `${fingerprint.slice(0, 12)}…, not known here`],
    ['variant', `${kind}: ${frontText(front)}`],
    ['tokens', count(tokens)],
    ['computed', `${localTime(rest.createdAt)}, in ${milliseconds(rest.computeMs)}`],
    ['used', rest.usedAt === null ? 'never' : `${several(rest.hits, 'time')}, last ${localTime(rest.usedAt)}`],
    ['in memory', rest.memoryBytes > 0 ? bytes(rest.memoryBytes) : 'no'],
    ['pinned', rest.pinned ? 'yes' : 'no'],
  ]
}

function frontText(front: CacheFront): string {
  switch (front.kind) {
    case 'bos':
      return 'computed on its own'
    case 'prefix':
      return `behind the prompt's first part, ${several(front.tokens, 'token')}`
    case 'document':
      return `behind ${several(front.chunks.length, 'chunk')} of its document, ${several(front.tokens, 'token')}`
    case 'unknown':
      return 'behind parts that no document begins with now'
  }
}

/** Per layer the mean over tokens, and the largest. */
function drawingTable({ planes, layers, profile, frontTokens, node }: CacheDrawing): string {
  const shown = CACHE_PLANES.filter((name) => planes[name].length > 0)
  const rows = Array.from({ length: layers }, (_, layer) => [
    String(layer),
    ...shown.map((name) => {
      const values = planes[name][layer] ?? []
      const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
      return `${mean.toPrecision(3)} / ${Math.max(...values).toPrecision(3)}`
    }),
  ])
  const where = `${profile}, held against full prefill behind ${several(frontTokens, 'token')} at ${node}; mean / largest`
  return `${where}\n${table([numbers('layer'), ...shown.map((name) => numbers(PLANE_TITLES[name]))], rows)}`
}

const PLANE_TITLES: Record<(typeof CACHE_PLANES)[number], string> = {
  keyNorms: 'K norm',
  valueNorms: 'V norm',
  keyDeviations: 'K deviation',
  valueDeviations: 'V deviation',
  attention: 'attention',
  questionAttention: "question's attention",
}

function codedProfile(text: string): CodedProfile {
  const found = CODED_PROFILES.find((each) => each === text)
  if (found) return found
  throw new InvalidArgumentError(`Expected one of ${CODED_PROFILES.join(', ')}.`)
}
