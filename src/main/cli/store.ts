import { InvalidArgumentError, type Command } from 'commander'
import { WorkbenchError } from '../../shared/errors'
import { MOST_CLEAN_ROWS, type CleanInput, type CleanPreview, type CleanRow, type StoreStats } from '../../shared/upkeep'
import { wholeBetween } from './ask'
import { addCachesCommands, damageText, scrubbed } from './caches'
import { bytes, clock, count, several } from './figures'
import { followJob } from './follow-job'
import { addProfilesCommands, profileOf } from './profiles'
import type { Run } from './run'
import { numbers, pairs, shortened, table } from './table'

interface CleanOptions extends Omit<CleanInput, 'bytes' | 'unusedDays'> {
  readonly bytes?: number
  readonly unused?: number
  readonly yes?: boolean
}

const CLEAN_HELP = `
Without --yes nothing is removed: what would go is shown. Conditions hold together. Pinned caches stay. What goes lies in the
trash for 7 days ("kvasir store trash"), and frees its room when the trash is emptied ("kvasir store trash --empty").

Examples:
  kvasir store clean --unused 30                 not asked for in 30 days
  kvasir store clean --unreferenced --yes        of texts that no document has any more
  kvasir store clean --set Handbook --profile f16 --duplicates --yes
                                                 the exact copies beside smaller ones
  kvasir store clean --bytes 2GB                 the least valuable 2 GB: cheap to compute, seldom used, large`

/** `kvasir store …` */
export function addStoreCommands(program: Command, run: Run): void {
  const store = program.command('store').description('the caches on disk: profiles, checks, room')

  store
    .command('stats')
    .description('show what the store holds')
    .action(
      run(async ({ workbench, output }) => {
        await Promise.resolve()
        const stats = workbench.store.stats()
        output.result({ store: stats })
        output.line(pairs(statRows(stats)))
        if (stats.quarantined > 0) output.remark('Damaged caches are made again by "kvasir store scrub".')
      }),
    )

  addCachesCommands(store, run)
  addProfilesCommands(store, run)

  store
    .command('scrub')
    .argument('[set]', 'id or name (default: everything)')
    .description('read every cache file whole, set aside what is damaged, and make it again from the text')
    .action(
      run(async (session, set?: string) => {
        const { workbench, output } = session
        const result = await scrubbed(session, await workbench.store.scrub({ set }))
        // What was set aside before counts, too.
        if (result.damaged.length === 0 && workbench.store.stats().quarantined === 0) return
        if (result.damaged.length > 0) output.line(damageText(result))
        const sets = set === undefined ? (await workbench.sets.list()).map(({ id }) => id) : [set]
        for (const each of sets) {
          const job = await followJob(session, await workbench.build(each))
          if (job.result) output.line(job.result)
        }
      }),
    )

  store
    .command('quota')
    .argument('[size]', 'most bytes of all caches, e.g. 20GB; "none" takes as many as the disk has', quotaOf)
    .description('show or set how large the caches may grow; the least valuable go first')
    .action(
      run(async ({ workbench, output }, size?: number | null) => {
        await Promise.resolve()
        if (size !== undefined) workbench.store.setQuota(size)
        const stats = workbench.store.stats()
        output.result({ quota: stats.quota, bytes: stats.bytes })
        output.line(quotaText(stats))
      }),
    )

  store
    .command('clean')
    .option('--set <set>', 'only of this set, by id or name')
    .option('--profile <profile>', 'only copies in this profile', profileOf)
    .option('--unused <days>', 'only what was neither used nor made for so long', wholeBetween(0, 100_000))
    .option('--unreferenced', 'only of texts that no document of any set has')
    .option('--duplicates', 'only copies beside which another one stays')
    .option('--bytes <size>', 'so much, the least valuable first, e.g. 2GB', sizeOf)
    .option('--rows <n>', 'also show the first so many that go, the most valuable last', wholeBetween(1, MOST_CLEAN_ROWS))
    .option('--yes', 'do it')
    .description('show what a clean-up would free, and do it with --yes')
    .addHelpText('after', CLEAN_HELP)
    .action(
      run(async ({ workbench, output }, { yes, unused, rows, ...rest }: CleanOptions) => {
        const conditions: CleanInput = { ...rest, unusedDays: unused }
        const filter: CleanInput = { ...conditions, rows }
        if (Object.values(conditions).every((value) => value === undefined))
          throw new WorkbenchError('argument.invalid', 'Expected a condition, e.g. --unused 30: without one everything would go.')
        if (!yes) {
          const preview = await workbench.store.preview(filter)
          output.result({ preview })
          output.line(`Would go: ${cleanText(preview)}.`)
          if (preview.rows.length > 0) output.line(cleanTable(preview.rows))
          if (preview.copies > 0) output.remark('Nothing was removed. Do it with --yes; "kvasir store restore" brings it back.')
          return
        }
        const cleaned = await workbench.store.clean(filter)
        output.result({ cleaned })
        output.line(`In the trash: ${cleanText(cleaned)}.`)
        if (cleaned.batch !== null)
          output.remark(`Bring it back: kvasir store restore ${cleaned.batch}. Free the room: kvasir store trash --empty`)
      }),
    )

  store
    .command('trash')
    .option('--empty', 'remove for good what is in it')
    .description('list what was cleaned up and can be brought back')
    .action(
      run(async ({ workbench, output }, { empty }: { empty?: boolean }) => {
        await Promise.resolve()
        const batches = workbench.store.trash()
        const size = bytes(batches.reduce((sum, batch) => sum + batch.bytes, 0))
        if (empty) {
          workbench.store.emptyTrash()
          output.result({ emptied: batches })
          output.line(batches.length === 0 ? 'The trash is empty.' : `Emptied: ${size} freed.`)
          return
        }
        output.result({ trash: batches })
        if (batches.length === 0) return output.line('The trash is empty.')
        const rows = batches.map((each) => [
          `${each.batch}`, count(each.copies), bytes(each.bytes), each.trashedAt.slice(0, 16).replace('T', ' '),
        ])
        output.line(table([numbers('batch'), numbers('caches'), numbers('size'), 'thrown away'], rows))
        output.remark('Bring one back: kvasir store restore BATCH. Free the room: kvasir store trash --empty')
      }),
    )

  store
    .command('restore')
    .argument('<batch>', 'its number in `kvasir store trash`', wholeBetween(1, Number.MAX_SAFE_INTEGER))
    .description('bring back what was cleaned up')
    .action(
      run(async ({ workbench, output }, batch: number) => {
        await Promise.resolve()
        const restored = workbench.store.restore(batch)
        output.result({ restored })
        output.line(`${several(restored, 'cache')} brought back.`)
      }),
    )

  store
    .command('gc')
    .description('clear what crashes left behind, and trash older than 7 days')
    .action(
      run(async ({ workbench, output }) => {
        const removed = await workbench.store.collect()
        output.result({ removed })
        output.line(removed === 0 ? 'Nothing was left behind.' : `${several(removed, 'file')} removed.`)
      }),
    )
}

function statRows({ entries, pinned, quarantined, profiles, trash, ...rest }: StoreStats): [string, string][] {
  return [
    ['caches', count(entries) + (pinned > 0 ? `, ${count(pinned)} of them pinned` : '')],
    ...profiles.map(({ profile, copies, bytes: size }): [string, string] => [
      `as ${profile}`,
      `${several(copies, 'file')}, ${bytes(size)}`,
    ]),
    ['on disk', quotaText({ ...rest })],
    ['damaged', quarantined === 0 ? 'none' : `${count(quarantined)}, set aside`],
    ['trash', trash.copies === 0 ? 'empty' : `${several(trash.copies, 'file')}, ${bytes(trash.bytes)}`],
  ]
}

function quotaText({ bytes: used, quota }: Pick<StoreStats, 'bytes' | 'quota'>): string {
  return quota === null ? `${bytes(used)}, no quota` : `${bytes(used)} of at most ${bytes(quota)}`
}

function cleanText({ copies, bytes: size, caches, recomputeMs }: CleanPreview): string {
  if (copies === 0) return 'nothing'
  const lost = caches === 0 ? 'each has another copy' : `${clock(recomputeMs / 1000)} to compute ${several(caches, 'cache')} again`
  return `${several(copies, 'file')}, ${bytes(size)}; ${lost}`
}

function cleanTable(rows: readonly CleanRow[]): string {
  return table(
    ['chunk', 'document', 'kept as', numbers('size'), numbers('uses'), 'last used', ''],
    rows.map(({ key, place, profile, bytes: size, hits, usedAt, stays }) => [
      place?.node ?? `${key.slice(0, 12)}…`,
      place ? shortened(place.title, 24) : '(no document)',
      profile,
      bytes(size),
      count(hits),
      usedAt?.slice(0, 10) ?? 'never',
      stays ? 'stays in another copy' : '',
    ]),
  )
}

function quotaOf(text: string): number | null {
  return text === 'none' ? null : sizeOf(text)
}

/** `20GB`, `512 MB`, `1000000`; thousands, as everywhere here. */
function sizeOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kMGT]?)B?$/i.exec(text.trim()) ?? []
  const power = ['', 'K', 'M', 'G', 'T'].indexOf(unit.toUpperCase())
  if (number === undefined) throw new InvalidArgumentError('Expected a size such as 20GB or 500MB.')
  return Math.round(Number(number) * 1000 ** power)
}
