/** Scripts of `models/demo` with plain Python, which native builds need as well. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

export const ROOT = resolve(import.meta.dirname, '../..')

/** What it printed. No bytecode is left beside the sources. */
export async function python(...args: string[]): Promise<string> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout, stderr } = await promisify(execFile)('python3', args, { cwd: ROOT, env })
  return stdout + stderr
}
