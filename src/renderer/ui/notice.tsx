/** What went wrong, in the words of the workbench, and at most one thing to do about it. */
import { strings } from '../strings'
import type { Failure } from './failure'

interface Props {
  readonly failure: Failure
  readonly action?: { readonly label: string; readonly run: () => void }
}

export function Notice({ failure, action }: Props) {
  return (
    <div className="notice" role="alert">
      <b>{failure.title ?? strings.errorTitles[failure.code]}</b>
      <p>{failure.text}</p>
      <p className="advice">{strings.errorAdvice[failure.code]}</p>
      {action && (
        <div className="line">
          <button type="button" className="button small" onClick={action.run}>
            {action.label}
          </button>
        </div>
      )}
    </div>
  )
}
