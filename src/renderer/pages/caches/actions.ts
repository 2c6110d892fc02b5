/** What is done with chosen caches. */
import type { ChosenCachesInput } from '../../../shared/upkeep'
import type { CodedProfile } from '../../../shared/profile'
import type { JobState } from '../../../shared/workbench'
import { client, queryClient, trpc } from '../../rpc/client'
import { offerUndo, toast } from '../../shell/undo'
import { strings } from '../../strings'
import { failureOf, inShort } from '../../ui/failure'
import { bytes } from '../../ui/format'

const texts = strings.cacheList

/** Lists, single caches, figures: whatever the store tells. */
export async function readStoreAgain(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries(trpc.store.pathFilter()),
    queryClient.invalidateQueries(trpc.status.queryFilter()),
  ])
}

/** The tray shows the job; what it changed is read again when it has ended. */
async function follow(job: JobState): Promise<void> {
  await queryClient.invalidateQueries(trpc.status.queryFilter())
  await client.jobs.finished.query({ id: job.id })
  await readStoreAgain()
}

async function telling(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    toast(inShort(failureOf(error)))
  }
}

export const verifyCaches = (chosen: ChosenCachesInput): Promise<void> =>
  telling(async () => await follow(await client.store.chosen.verify.mutate({ chosen })))

export const rebuildCaches = (chosen: ChosenCachesInput): Promise<void> =>
  telling(async () => await follow(await client.store.chosen.rebuild.mutate({ chosen })))

export const recodeCaches = (chosen: ChosenCachesInput, profile: CodedProfile): Promise<void> =>
  telling(async () => await follow(await client.store.chosen.recode.mutate({ chosen, profile })))

export const checkAll = (): Promise<void> =>
  telling(async () => await follow(await client.store.scrub.mutate({})))

export const pinCaches = (chosen: ChosenCachesInput, pinned: boolean): Promise<void> =>
  telling(async () => {
    const changed = await client.store.chosen.pin.mutate({ chosen, pinned })
    toast(pinned ? texts.pinnedNow(changed) : texts.unpinnedNow(changed))
    await readStoreAgain()
  })

export const evictCaches = (chosen: ChosenCachesInput): Promise<void> =>
  telling(async () => {
    const { batch, caches, bytes: size, pinned } = await client.store.chosen.evict.mutate({ chosen })
    if (batch !== null) offerUndo(texts.evicted(caches, bytes(size)), () => bringBack(batch))
    if (pinned > 0) toast(texts.pinnedStay(pinned))
    await readStoreAgain()
  })

/** @returns how many copies came back */
export async function bringBack(batch: number): Promise<number> {
  const restored = await client.store.restore.mutate({ batch })
  await readStoreAgain()
  return restored
}

/** Builds sets one after the other. */
export const buildSets = (sets: readonly string[]): Promise<void> =>
  telling(async () => {
    const jobs = await Promise.all(sets.map((set) => client.build.mutate({ set })))
    await Promise.all(jobs.map(follow))
    await queryClient.invalidateQueries(trpc.hits.pathFilter())
  })
