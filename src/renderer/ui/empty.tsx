import type { ReactNode } from 'react'

interface Props {
  readonly title: string
  readonly hint: string
  /** An action of its own kind, in place of `action`. */
  readonly children?: ReactNode
  readonly action?: { readonly label: string; readonly run: () => void; readonly busy?: boolean }
}

/** A place with nothing in it yet, and the one action that leads on. */
export function Empty({ title, hint, action, children }: Props) {
  return (
    <div className="empty">
      <b>{title}</b>
      {hint}
      {children && <div style={{ marginTop: 12 }}>{children}</div>}
      {action && (
        <div>
          <button type="button" className="button primary" disabled={action.busy} onClick={action.run}>
            {action.label}
          </button>
        </div>
      )}
    </div>
  )
}
