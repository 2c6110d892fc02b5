/** A set of ten thousand documents and a hundred thousand chunks: how long it takes to show, and how long others wait. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { Outlines } from '../../src/main/build/outlines'
import { Knowledge, type ModelView } from '../../src/main/build/knowledge'
import { Making } from '../../src/main/build/making'
import { Chunks } from '../../src/main/documents/chunks'
import { Library } from '../../src/main/documents/library'
import { Sets } from '../../src/main/documents/sets'
import { openStore } from '../../src/main/store/store'
import { fillLargeSet } from '../helpers/large-set'
import { tempFolder } from '../helpers/temp-folder'

const MODEL: ModelView = {
  identity: { fingerprint: 'f'.repeat(64), bos: [1], prefix: [1, 5, 6], contextLength: 1_000_000 },
  tokenizer: { digest: 't'.repeat(64), tokenize: () => Promise.reject(new Error('Nothing is cut here.')) },
}
/** ms; the machine is shared, so that a test must not ask for what a quiet one does. */
const COLD = 2500
/** ms of the processor alone: a look into an index for each chunk takes as long again. */
const COLD_CPU = 1400
const LONGEST_WAIT = 150

it('shows 10,000 documents of 100,000 chunks, cold and warm', async () => {
  await using folder = await tempFolder()
  {
    await using store = await openStore(folder.path)
    const set = new Sets(store.sql).create('Shelf', 'model')
    fillLargeSet(store.sql, { set: set.row, model: MODEL })
  }
  await using store = await openStore(folder.path)
  const [sets, library] = [new Sets(store.sql), new Library(store.sql)]
  const chunks = new Chunks(store.sql, library)
  const knowledge = new Knowledge(library, chunks, store.chunkKeys)
  const outlines = new Outlines({ store, library, chunks, knowledge, making: new Making() })
  const timed = async (): Promise<{ ms: number; cpu: number; wait: number; rows: number; cached: number }> => {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const [begin, before] = [performance.now(), process.cpuUsage()]
    const { rows, cachedChunks } = await outlines.read(sets.find('Shelf'), MODEL)
    const ms = performance.now() - begin
    const { user, system } = process.cpuUsage(before)
    delay.disable()
    return { ms, cpu: (user + system) / 1000, wait: delay.max / 1e6, rows: rows.length, cached: cachedChunks }
  }
  const cold = await timed()
  const warm = await timed()
  store.sql.run("UPDATE sets SET profile = 'f16'")
  const again = await timed()
  console.log('outline of 10,000 documents', { cold, warm, again })
  expect(cold).toMatchObject({ rows: 10_000, cached: 66_670 })
  expect(cold.ms).toBeLessThan(COLD)
  expect(cold.cpu).toBeLessThan(COLD_CPU)
  expect(warm.ms).toBeLessThan(20)
  expect(cold.wait).toBeLessThan(LONGEST_WAIT)
}, 300_000)
