/**
 * Where the workbenches are that are open on a data folder: each that listens leaves a file there with its address, token
 * and process, for the command line of the same person. The file is its owner's alone to read, names an address of this
 * machine only, and goes when its workbench closes; what a crash left behind is cleared by whoever comes upon it.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { WorkbenchError } from '../../shared/errors'
import { makeDataDir } from '../base/data-dir'
import { writeDurably } from '../base/durable-files'
import { errorCode } from '../base/error-code'
import { isRunning, MACHINE } from '../store/leases'
import { connect, type RemoteWorkbench } from './http-client'
import type { RunningServer } from './http-server'

const FOLDER = 'serving'
/** A workbench that is open answers at once; one that is stopped never. */
const ANSWER_MS = 5000
/** Its owner reads and writes it. */
const MODE = 0o600

/** Of a file that is read; what does not fit is none of ours. */
const serving = z.strictObject({
  origin: z.string().regex(/^http:\/\/(localhost|127\.0\.0\.1|\[::1\]):\d{1,5}$/),
  token: z.string().min(1).max(512),
  pid: z.int().positive(),
  machine: z.string().max(64),
})
export type Serving = z.infer<typeof serving>

/** Addresses to listen on that this machine reaches at its own address, and what that is. */
const LOOPBACK: Readonly<Record<string, string>> = {
  '127.0.0.1': '127.0.0.1',
  localhost: 'localhost',
  '0.0.0.0': '127.0.0.1',
  '::1': '[::1]',
  '::': '[::1]',
}

/** Leaves the file of a server that listens on `host`; a server that this machine's own address does not reach leaves none. */
export async function announce(dataDir: string, server: Pick<RunningServer, 'port' | 'token'>, host: string): Promise<AsyncDisposable> {
  const address = LOOPBACK[host]
  if (address === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() }
  const folder = join(dataDir, FOLDER)
  await makeDataDir(folder)
  const path = join(folder, `${MACHINE}-${process.pid}-${server.port}.json`)
  const content: Serving = { origin: `http://${address}:${server.port}`, token: server.token, pid: process.pid, machine: MACHINE }
  await writeDurably(path, JSON.stringify(content), MODE)
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

export interface Found {
  /** Those that answer. */
  readonly open: readonly (Serving & { readonly workbench: RemoteWorkbench })[]
  /** Where a process runs that says nothing. */
  readonly silent: readonly string[]
  /** Of those whose files were left behind by a crash, and have been cleared. */
  readonly cleared: readonly string[]
}

/** Looks for the workbenches of this machine that are open on a data folder. */
export async function findServing(dataDir: string): Promise<Found> {
  const open: Found['open'][number][] = []
  const silent: string[] = []
  const cleared: string[] = []
  for (const { path, place } of await filesOf(join(dataDir, FOLDER))) {
    const standing = isRunning(place.pid) ? await standingOf(place) : 'gone'
    if (standing === 'open') open.push({ ...place, workbench: connect(`${place.origin}/#token=${place.token}`) })
    if (standing === 'silent') silent.push(place.origin)
    if (standing !== 'gone') continue
    await rm(path, { force: true })
    cleared.push(place.origin)
  }
  return { open, silent, cleared }
}

/**
 * The workbench at an address, or that which is open on the data folder where none is given. An address without its token
 * will do for one that is open on the folder. `onCleared` hears of every file that a crash had left behind.
 * @returns null: none is open, and no address was given
 * @throws argument.invalid, conflict: several are open, or one that does not answer
 */
export async function findWorkbench(
  dataDir: string,
  { url, onCleared }: { readonly url?: string | undefined; readonly onCleared?: (origin: string) => void },
): Promise<RemoteWorkbench | null> {
  if (url !== undefined && hasToken(url)) return connect(url)
  const { open, silent, cleared } = await findServing(dataDir)
  for (const origin of cleared) onCleared?.(origin)
  const fitting = url === undefined ? open : open.filter(({ origin }) => isSamePlace(url, origin))
  const [first, second] = fitting
  if (first === undefined && url === undefined && silent.length > 0) {
    throw new WorkbenchError(
      'conflict',
      `A workbench is open on this data folder at ${silent.join(', ')} but does not answer. Wait until it does, or end it.`,
    )
  }
  if (first === undefined) return url === undefined ? null : connect(url)
  if (second === undefined) return first.workbench
  throw new WorkbenchError(
    'conflict',
    `${fitting.length} workbenches are open on this data folder. Say which with --url: ${fitting.map(({ origin }) => origin).join(', ')}.`,
  )
}

function hasToken(url: string): boolean {
  return URL.canParse(url) && new URLSearchParams(new URL(url).hash.slice(1)).has('token')
}

function isSamePlace(url: string, origin: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname, port } = new URL(url)
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) && port === new URL(origin).port
}

/** Of this machine's workbenches. What does not fit is left alone: another version's, another machine's, another person's. */
async function filesOf(folder: string): Promise<{ readonly path: string; readonly place: Serving }[]> {
  const files: { path: string; place: Serving }[] = []
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const place = parsed(await readFile(path, 'utf8').catch(() => ''))
    if (place?.machine === MACHINE) files.push({ path, place })
  }
  return files
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^[^.].*\.json$/.test(name)).toSorted()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw new WorkbenchError(
      'file.unreadable',
      `The folder ${folder} cannot be read (${errorCode(error)}). Give the address of the open workbench with --url.`,
      { cause: error },
    )
  }
}

function parsed(text: string): Serving | null {
  try {
    return serving.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Gone is only what refuses the connection or does not know the token; what does not answer now may do so another time. */
async function standingOf({ origin, token }: Serving): Promise<'open' | 'gone' | 'silent'> {
  try {
    const response = await fetch(`${origin}/rpc/jobs.list`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    await response.body?.cancel()
    return response.ok ? 'open' : response.status === 401 ? 'gone' : 'silent'
  } catch (error) {
    return codesOf(error).includes('ECONNREFUSED') ? 'gone' : 'silent'
  }
}

/** Of an error and what caused it. */
function codesOf(error: unknown): unknown[] {
  const codes: unknown[] = []
  for (let each = error; each instanceof Error; each = each.cause) codes.push(errorCode(each))
  return codes
}
