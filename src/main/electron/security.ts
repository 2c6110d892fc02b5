/** What the window may not do: everything that the workbench's own page does not need. */
import { shell, type Session, type WebContents } from 'electron'

/** Sites that the menu links to; nothing else is ever opened in the system's browser. */
const EXTERNAL_HOSTS: ReadonlySet<string> = new Set(['huggingface.co', 'github.com'])

/** No camera, no notifications, no clipboard reading…: neither asked for nor assumed to be granted. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}

/** No second window, no navigation away, no embedded pages. */
export function confine(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    void openExternal(url)
    return { action: 'deny' }
  })
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Opens an https address of the list in the system's browser; returns whether it did. */
export async function openExternal(url: string): Promise<boolean> {
  const parsed = URL.canParse(url) ? new URL(url) : null
  const plain = parsed && parsed.protocol === 'https:' && !parsed.username && !parsed.password && !parsed.port
  if (!plain || !EXTERNAL_HOSTS.has(parsed.hostname)) return false
  await shell.openExternal(parsed.href)
  return true
}
