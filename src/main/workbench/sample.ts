/** The sample set that comes with Kvasir: something to ask on the first day. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { WorkbenchError } from '../../shared/errors'
import { errorText } from '../base/error-code'
import type { SuggestedQuestion } from '../documents/sets'

const manifest = z.object({
  name: z.string().min(1),
  documents: z.array(z.string().min(1)).min(1),
  questions: z.array(z.object({ question: z.string(), include: z.array(z.string()).default([]) })).default([]),
})

export interface Sample {
  readonly name: string
  /** Paths in reading order. */
  readonly documents: readonly string[]
  readonly questions: readonly SuggestedQuestion[]
}

/** The model that comes with Kvasir. */
export function bundledModelPath(resourcesDir: string): string {
  return join(resourcesDir, 'models', 'demo', 'demo.gguf')
}

/** @throws file.unreadable when the installation lacks it */
export async function readSample(resourcesDir: string): Promise<Sample> {
  const folder = join(resourcesDir, 'models', 'demo', 'sample')
  try {
    const { name, documents, questions } = manifest.parse(
      JSON.parse(await readFile(join(folder, 'sample.json'), 'utf8')),
    )
    return { name, documents: documents.map((file) => join(folder, file)), questions }
  } catch (error) {
    throw new WorkbenchError(
      'file.unreadable',
      `The sample set in ${folder} cannot be read: ${errorText(error)}. Install Kvasir again.`,
      { cause: error },
    )
  }
}
