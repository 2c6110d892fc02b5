/** Real files; a crash is a line that was not finished. */
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Journal } from '../../src/main/bench/journal'
import { keeping, measureSlots, type BenchProgress, type Slot } from '../../src/main/bench/slots'
import { sentence } from '../../src/shared/details'
import { WorkbenchError } from '../../src/shared/errors'
import { tempFolder } from '../helpers/temp-folder'

const entry = z.object({ value: z.number() })
const identity = { kind: 'shape', model: 'abc' }
const slots: Slot[] = ['a', 'b', 'a', 'b'].map((label, at) => ({ id: `${at}`, label, step: { code: 'measuring', number: at } }))
const open = (dataDir: string, given: object = {}): Promise<Journal<{ value: number }>> =>
  Journal.open({ dataDir, identity, entry, fresh: false, ...given })

test('goes on behind what was measured, and forgets it at the end', async () => {
  await using folder = await tempFolder()
  const first = await open(folder.path)
  await first.add('0', 10, { value: 1 })
  await first.add('2', 30, { value: 3 })
  const second = await open(folder.path)
  expect([second.size, second.runs, second.has('0'), second.has('1'), second.get('2')]).toEqual([
    2,
    1,
    true,
    false,
    { value: 3 },
  ])
  const measured: string[] = []
  const states: BenchProgress[] = []
  const remarks: string[] = []
  await measureSlots(slots, {
    journal: second,
    measure: async ({ id }) => (measured.push(id), { value: 10 }),
    run: { onProgress: (state) => states.push(state), onRemark: (remark) => remarks.push(sentence(remark)) },
  })
  expect(measured).toEqual(['1', '3'])
  expect(second.runs).toBe(2)
  expect(states.map(({ step, done, total }) => [step.number, done, total])).toEqual([
    [1, 2, 4],
    [3, 3, 4],
  ])
  // No time left can be told before a measurement of each kind has been seen.
  expect(states[0]?.etaSeconds).toBeNull()
  expect(states[1]?.etaSeconds).toBeGreaterThanOrEqual(0)
  expect(remarks).toEqual([expect.stringContaining('2 of 4 measurements')])
  await second.end()
  expect(await readdir(join(folder.path, 'bench', 'runs'))).toEqual([])
  expect((await open(folder.path)).size).toBe(0)
})

test('something else is measured from the start, and so is the same when that is wanted', async () => {
  await using folder = await tempFolder()
  await (await open(folder.path)).add('0', 1, { value: 1 })
  expect((await open(folder.path, { identity: { ...identity, model: 'abd' } })).size).toBe(0)
  expect((await open(folder.path)).size).toBe(1)
  expect((await open(folder.path, { fresh: true })).size).toBe(0)
})

test('a line that a crash cut off is gone, and the next one stands whole', async () => {
  await using folder = await tempFolder()
  const journal = await open(folder.path)
  await journal.add('0', 1, { value: 1 })
  const file = join(journal.folder, 'measured.jsonl')
  await appendFile(file, '{"slot":"1","run":1,"ms":2,"ent')
  const next = await open(folder.path)
  expect(next.size).toBe(1)
  await next.add('1', 1, { value: 2 })
  expect(
    (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { slot: string }).slot),
  ).toEqual(['0', '1'])
})

test('a damaged line is named', async () => {
  await using folder = await tempFolder()
  const journal = await open(folder.path)
  await journal.add('0', 1, { value: 1 })
  await appendFile(join(journal.folder, 'measured.jsonl'), '{"slot":"1","run":1,"ms":2,"entry":{}}\n')
  await expect(open(folder.path)).rejects.toThrow(/measured\.jsonl, line 2.*--fresh/)
})

test('an interruption keeps what is done and says how to go on', async () => {
  await using folder = await tempFolder()
  const journal = await open(folder.path)
  const abort = new AbortController()
  const work = keeping(journal, () =>
    measureSlots(slots, {
      journal,
      measure: async ({ id }) => {
        if (id === '1') abort.abort()
        return { value: 1 }
      },
      run: { signal: abort.signal },
    }),
  )
  await expect(work).rejects.toMatchObject({
    code: 'cancelled',
    message: expect.stringMatching(/2 measurements are kept.*same command.*--fresh/) as string,
  })
  expect((await open(folder.path)).size).toBe(2)
  const failing = keeping(journal, () => Promise.reject(new WorkbenchError('engine.died', 'It died.')))
  await expect(failing).rejects.toMatchObject({ code: 'engine.died', message: 'It died.' })
})
