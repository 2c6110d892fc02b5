/** A fault of the page itself is shown, not swallowed: what happened, and a way on. */
import { Component, type ReactNode } from 'react'
import { reportCrash } from '../rpc/crashes'
import { strings } from '../strings'
import { failureOf, type Failure } from './failure'
import { Notice } from './notice'

interface Props {
  readonly children: ReactNode
}

export class ErrorBoundary extends Component<Props, { failure: Failure | null }> {
  override state: { failure: Failure | null } = { failure: null }

  static getDerivedStateFromError(error: unknown): { failure: Failure } {
    return { failure: failureOf(error) }
  }

  override componentDidCatch(error: unknown): void {
    reportCrash(error)
  }

  override render(): ReactNode {
    const { failure } = this.state
    if (!failure) return this.props.children
    return (
      <main className="panel centre">
        <Notice failure={failure} action={{ label: strings.retry, run: () => location.reload() }} />
      </main>
    )
  }
}
