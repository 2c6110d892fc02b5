/** The page's own scheme, `app://kvasir/`: it serves the built page and nothing else of the disk. */
import { protocol } from 'electron'
import { readPageFile } from '../rpc/page-files'

const SCHEME = 'app'
const ORIGIN = `${SCHEME}://kvasir`
export const PAGE_URL = `${ORIGIN}/index.html`

/** Before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Once the app is ready; `root` is the folder of the built page. */
export function serveScheme(root: string): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url)
    if (url.host !== 'kvasir' || request.method !== 'GET') return new Response('Not found.\n', { status: 404 })
    const { status, headers, body } = await readPageFile(root, url.pathname)
    return new Response(new Uint8Array(body), { status, headers })
  })
}

/** Whether a frame shows the workbench's page. */
export function isPage(frameUrl: string): boolean {
  return URL.canParse(frameUrl) && frameUrl.split(/[?#]/, 1)[0] === PAGE_URL
}
