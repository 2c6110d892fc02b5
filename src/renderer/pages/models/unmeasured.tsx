/** A part of a model's page before there is anything to show in it: what it would say, and what measures it. */
import type { ReactNode } from 'react'

interface Props {
  readonly title: string
  readonly text: string
  /** What starts the measurement. */
  readonly start: ReactNode
}

export function Unmeasured({ title, text, start }: Props) {
  return (
    <section aria-label={title}>
      <div className="line">
        <h3>{title}</h3>
        {start}
      </div>
      <p className="dim">{text}</p>
    </section>
  )
}
