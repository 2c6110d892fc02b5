/** What went wrong, in the words of the workbench, and at most one thing to do about it. */
import { strings } from '../strings'
import { wordsOf, type Failure } from './failure'

interface Props {
  readonly failure: Failure
  readonly action?: { readonly label: string; readonly run: () => void }
}

export function Notice({ failure, action }: Props) {
  return (
    <div className="notice" role="alert">
      <b>{failure.title ?? strings.errorTitles[failure.code]}</b>
      <Why failure={failure} />
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

/** In the page's language; what there is in English only is a step away, and said to be English. */
export function Why({ failure }: { readonly failure: Failure }) {
  const words = wordsOf(failure)
  if (words !== null) {
    return (
      <p>
        <bdi>{words}</bdi>
      </p>
    )
  }
  return <InEnglish text={failure.text} />
}

export function InEnglish({ text }: { readonly text: string }) {
  return (
    <details className="more in-english">
      <summary>{strings.inEnglish}</summary>
      <p lang="en">
        <bdi>{text}</bdi>
      </p>
    </details>
  )
}
