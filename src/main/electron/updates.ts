/**
 * Whether a newer Kvasir is out: asked of nobody unless a person has named a feed and the key it is signed with. A feed
 * is a small JSON file with a detached Ed25519 signature beside it (`….sig`, base64). What it says is shown; nothing is
 * downloaded or installed.
 */
import { createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'

const settings = z.object({
  /** https only. */
  feed: z.url({ protocol: /^https$/ }).max(2000),
  /** Ed25519, SPKI in PEM or base64 of its DER. */
  key: z.string().min(40).max(1000),
})
export type UpdateSettings = z.infer<typeof settings>

const release = z.object({ version: z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}$/) })

export type UpdateState =
  | { readonly kind: 'off' }
  | { readonly kind: 'current' }
  | { readonly kind: 'newer'; readonly version: string }
  | { readonly kind: 'refused'; readonly why: string }

export const UPDATES_PLACE = 'updates'
const MAX_FEED_BYTES = 64 * 1024
const FEED_MS = 20_000

/** Null unless both are set and fit. */
export function updateSettingsOf(kept: unknown): UpdateSettings | null {
  return settings.safeParse(kept).data ?? null
}

export interface UpdateOptions {
  readonly version: string
  readonly settings: UpdateSettings | null
  /** Default: the global one. */
  readonly fetch?: typeof fetch
}

/** Never throws: a feed that cannot be read is no reason to stop working. */
export async function checkForUpdate(options: UpdateOptions): Promise<UpdateState> {
  if (!options.settings) return { kind: 'off' }
  const { feed, key } = options.settings
  const load = options.fetch ?? fetch
  try {
    const [text, signature] = await Promise.all([read(load, feed), read(load, `${feed}.sig`)])
    if (!isSigned(text, signature, key)) return { kind: 'refused', why: 'its signature is not of the key that was set' }
    const { version } = release.parse(JSON.parse(text.toString('utf8')))
    return isNewer(version, options.version) ? { kind: 'newer', version } : { kind: 'current' }
  } catch (error) {
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) }
  }
}

async function read(load: typeof fetch, url: string): Promise<Buffer> {
  const answer = await load(url, { redirect: 'error', credentials: 'omit', signal: AbortSignal.timeout(FEED_MS) })
  if (!answer.ok) throw new Error(`${answer.status} for ${new URL(url).pathname}`)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.length
    if (bytes > MAX_FEED_BYTES) throw new Error(`more than ${MAX_FEED_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function isSigned(text: Buffer, signature: Buffer, key: string): boolean {
  const publicKey = key.includes('BEGIN')
    ? createPublicKey(key)
    : createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
  if (publicKey.asymmetricKeyType !== 'ed25519') return false
  return verify(null, text, publicKey, Buffer.from(signature.toString('utf8').trim(), 'base64'))
}

function isNewer(found: string, own: string): boolean {
  const [a, b] = [found, own].map((version) => version.split(/[.-]/).slice(0, 3).map(Number))
  for (const at of [0, 1, 2]) {
    const [left = 0, right = 0] = [a?.[at], b?.[at]]
    if (left !== right) return left > right
  }
  return false
}
