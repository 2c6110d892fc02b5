import { useEffect, useId, useRef, type ReactNode } from 'react'

interface Props {
  readonly title: string
  readonly onClose: () => void
  /** Default: as wide as a question needs. */
  readonly size?: 'roomy'
  readonly children: ReactNode
}

/** The browser's own modal dialog: it keeps the focus and closes by Esc. Shown while mounted. */
export function Modal({ title, onClose, size, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={size ? `modal ${size}` : 'modal'}
      aria-labelledby={heading}
      // Esc here closes the dialog and does not stop an answer.
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  )
}
