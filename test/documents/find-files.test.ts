import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { expect, it } from 'vitest'
import { findFiles } from '../../src/main/documents/find-files'
import { readDocument } from '../../src/main/documents/read-file'
import { MAX_DOCUMENT_BYTES } from '../../src/main/documents/limits'
import { tempFolder } from '../helpers/temp-folder'

it('reads folders in natural order, without hidden and other files', async () => {
  await using folder = await tempFolder()
  for (const name of ['sub', 'sub/deep', '.git', 'empty']) await mkdir(folder.file(name))
  for (const name of [
    '10.md',
    '2.md',
    'b.TXT',
    'a.markdown',
    'picture.png',
    '.hidden.md',
    'sub/x.md',
    'sub/deep/y.txt',
    '.git/z.md',
  ])
    await writeFile(folder.file(name), 'x')
  const found = await findFiles([folder.path])
  expect(found.map(({ path }) => relative(folder.path, path).replaceAll('\\', '/'))).toEqual([
    '2.md',
    '10.md',
    'a.markdown',
    'b.TXT',
    'sub/x.md',
    'sub/deep/y.txt',
  ])
  expect(found.every(({ error }) => error === null)).toBe(true)
})

it('reports given paths that cannot be imported, with why', async () => {
  await using folder = await tempFolder()
  await writeFile(folder.file('a.odt'), 'x')
  const found = await findFiles([folder.file('a.odt'), folder.file('none.md')])
  expect(found.map(({ error }) => error?.code)).toEqual(['document.unsupported', 'file.unreadable'])
})

it.skipIf(process.platform === 'win32')('follows links but not in circles, and reports dead ones', async () => {
  await using folder = await tempFolder()
  await mkdir(folder.file('a'))
  await writeFile(folder.file('a/x.md'), 'x')
  await symlink(folder.path, folder.file('a/loop'))
  await symlink(folder.file('a'), folder.file('b'))
  await symlink(folder.file('nowhere'), folder.file('dead.md'))
  const found = await findFiles([folder.path])
  expect(found.map(({ path, error }) => [relative(folder.path, path), error?.code])).toEqual([
    ['a/x.md', undefined],
    ['dead.md', 'file.unreadable'],
  ])
})

it('reads no more than a document may have', async () => {
  await using folder = await tempFolder()
  const path = folder.file('line.txt')
  await writeFile(path, Buffer.alloc(MAX_DOCUMENT_BYTES + 1, 'a'))
  await expect(readDocument(path, 'line.txt')).rejects.toMatchObject({ code: 'document.invalid' })
  await expect(readDocument(folder.path, 'folder')).rejects.toMatchObject({ code: 'file.unreadable' })
  await writeFile(path, 'text')
  expect(Buffer.from(await readDocument(path, 'line.txt')).toString()).toBe('text')
})
