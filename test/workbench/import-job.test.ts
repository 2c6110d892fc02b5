import { expect, it } from 'vitest'
import { Library, type ImportedFacts } from '../../src/main/documents/library'
import { Sets } from '../../src/main/documents/sets'
import { openStore } from '../../src/main/store/store'
import { importAll, type Incoming } from '../../src/main/workbench/import-job'
import type { ImportOutcome } from '../../src/shared/knowledge'
import { tempFolder } from '../helpers/temp-folder'

const FACTS: ImportedFacts = { origin: '/a.pdf', source: 'a.pdf', format: 'pdf', digest: 'd1', bytes: 9 }

it('converts a file only where its bytes are new', async () => {
  await using folder = await tempFolder()
  await using store = await openStore(folder.path)
  const library = new Library(store.sql)
  const { row: set } = new Sets(store.sql).create('Set', 'm')
  let converted = 0
  const arriving = (digest: string): Incoming => ({
    source: 'a.pdf',
    read: async () => ({
      facts: { ...FACTS, digest },
      text: async () => {
        converted++
        return { text: `Text ${digest}.\n`, places: [{ start: 0, page: 2 }] }
      },
    }),
  })
  const outcomes: ImportOutcome[] = []
  const task = { signal: new AbortController().signal, report: () => undefined, checkpoint: async () => undefined }
  await importAll(library, ['d1', 'd1', 'd2', 'd2'].map(arriving), { set, task, outcomes })
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['added', 'unchanged', 'new-version', 'unchanged'])
  expect(converted).toBe(2)
  expect(library.places(library.find(1).versionRow)).toEqual([{ start: 0, page: 2 }])
})
