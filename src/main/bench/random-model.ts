/** Random-weight models for benches: made once per shape, type and seed, and kept. */
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../engine/engine'
import type { MadeModel } from './shapes'

/** Path of the model's file under `dataDir`, made now when it is not there. */
export async function randomModelFile(
  engine: Engine,
  dataDir: string,
  { name, params }: MadeModel,
  signal?: AbortSignal,
): Promise<string> {
  const folder = join(dataDir, 'bench', 'models')
  const path = join(folder, `${name}-seed${params.seed}.gguf`)
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  const staged = `${path}.${process.pid}.part`
  try {
    await engine.call('randomModel', { ...params, path: staged }, { signal })
    await rename(staged, path)
  } finally {
    await rm(staged, { force: true })
  }
  return path
}
