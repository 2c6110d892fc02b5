/** Why a chunk was not reused, or only in a poorer variant, and the one action that mends it. */
import { useMutation } from '@tanstack/react-query'
import type { ChunkOutcome } from '../../../shared/answer'
import type { Strategy } from '../../../shared/strategy'
import { outcomeText } from '../../answers/outcome'
import { trpc } from '../../rpc/client'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { remedyOf } from './remedy'

const texts = strings.mend

interface Props {
  readonly outcome: ChunkOutcome
  readonly strategy: Strategy | null
  readonly set: string
  /** In which profile the question wanted caches; null: in any. */
  readonly profile: Parameters<typeof remedyOf>[1]
  /** Asks the same again, by another strategy where one is given. */
  readonly onAgain: (strategy?: Strategy) => void
}

export function Mend({ outcome, strategy, set, profile, onAgain }: Props) {
  const remedy = remedyOf(outcome, profile)
  const onSuccess = ({ title }: { readonly title: string }): void => toast(texts.started(title))
  const build = useMutation(trpc.build.mutationOptions({ onSuccess }))
  const recode = useMutation(trpc.store.recode.mutationOptions({ onSuccess }))
  const error = build.error ?? recode.error
  const isBusy = build.isPending || recode.isPending
  const button = (label: string, run: () => void) => (
    <button type="button" className="button small" disabled={isBusy} onClick={run}>
      {label}
    </button>
  )
  return (
    <section aria-label={texts.title} className="mend" data-testid="mend">
      <h3>{texts.title}</h3>
      <p>{outcomeText(outcome, strategy)}</p>
      {remedy && (
        <div className="line">
          {remedy.kind === 'build' && button(texts.build, () => build.mutate({ set }))}
          {remedy.kind === 'again' && button(texts.again, () => onAgain())}
          {remedy.kind === 'reuse' && button(texts.reuse, () => onAgain('reuse'))}
          {remedy.kind === 'recode' &&
            button(texts.recode(remedy.profile), () => recode.mutate({ set, profile: remedy.profile }))}
        </div>
      )}
      {error && <Notice failure={failureOf(error)} />}
    </section>
  )
}
