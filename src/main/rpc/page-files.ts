/** The built page's files, read for a URL path: the same bytes and headers over `app://` and over HTTP. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import { appRoot } from '../engine/places'

export interface PageFile {
  readonly status: 200 | 404
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Longer than any name that a build makes, shorter than a file system refuses. */
const MAX_URL_PATH = 200
/** In index.html; each delivery puts its own nonce there, so that only the page's own style elements count. */
const NONCE_PLACE = '__STYLE_NONCE__'

/** The folder of the built page. Errors: `file.unreadable` when it is not built. */
export function findPage(): string {
  const page = join(appRoot(), 'out', 'renderer')
  if (existsSync(join(page, 'index.html'))) return page
  throw new WorkbenchError(
    'file.unreadable',
    `The page is not built: ${page} has no index.html. Run \`npm run build\`.`,
  )
}

/**
 * Reads what stands at a URL path (`/` is index.html). Anything else than a plain path to a known type below `root` is
 * a 404: no dot segments, no encoded separators, no hidden files.
 */
export async function readPageFile(root: string, urlPath: string): Promise<PageFile> {
  const relative = urlPath === '/' ? 'index.html' : urlPath.slice(1)
  const plain =
    relative.length <= MAX_URL_PATH && /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(relative)
  const type = TYPES[extname(relative)]
  if (!plain || type === undefined) return notFound()
  const bytes = await readFile(join(root, relative.split('/').join(sep))).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENOTDIR') return null
    throw error
  })
  if (bytes === null) return notFound()
  if (extname(relative) !== '.html') {
    // Vite puts a hash of the content into these names.
    return { status: 200, headers: headers(type, 'public, max-age=31536000, immutable'), body: bytes }
  }
  const nonce = randomBytes(16).toString('base64')
  const body = Buffer.from(bytes.toString('utf8').replaceAll(NONCE_PLACE, nonce))
  return { status: 200, headers: headers(type, 'no-store', nonce), body }
}

/** On every answer of every face. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
}

function headers(type: string, caching: string, nonce?: string): Record<string, string> {
  const policy = contentSecurityPolicy(nonce)
  return { ...SECURITY_HEADERS, 'content-type': type, 'cache-control': caching, 'content-security-policy': policy }
}

/**
 * Scripts, styles, fonts and connections of the page itself only. The one exception: style elements that carry the
 * nonce, which Mantine makes for its variables. Styles set by script (CSSOM) need none.
 */
function contentSecurityPolicy(nonce?: string): string {
  const styles = nonce ? `'self' 'nonce-${nonce}'` : "'self'"
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    // Pictures of the page's own charts are drawn from data: addresses.
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function notFound(): PageFile {
  return { status: 404, headers: headers('text/plain; charset=utf-8', 'no-store'), body: Buffer.from('Not found.\n') }
}
