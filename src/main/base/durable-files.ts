/** Files that are whole or absent after a crash at any instant. */
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join, basename } from 'node:path'

/** Forces a file's bytes to the disk. */
async function syncFile(path: string): Promise<void> {
  // `r+`, because Windows refuses to flush a handle that was opened for reading.
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Forces a folder's names to the disk. Windows cannot and need not. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Gives a finished file its final name: its bytes reach the disk before the name does. Replaces what is there. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await syncFile(from)
  await rename(from, to)
  await syncFolder(dirname(to))
}

/** Writes a whole file; a reader sees the old or the new one, never a part. `mode`: who may read and write it. */
export async function writeDurably(path: string, data: string | Uint8Array, mode = 0o666): Promise<void> {
  const staged = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  try {
    const file = await open(staged, 'wx', mode)
    try {
      await file.writeFile(data)
    } finally {
      await file.close()
    }
    await moveDurably(staged, path)
  } catch (error) {
    await rm(staged, { force: true })
    throw error
  }
}
