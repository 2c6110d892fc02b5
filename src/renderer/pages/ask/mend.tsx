/** Why a chunk was not reused, or only in a poorer variant, and the one action that mends it. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ChunkOutcome } from '../../../shared/answer'
import type { Profile } from '../../../shared/profile'
import type { Strategy } from '../../../shared/strategy'
import type { JobState } from '../../../shared/workbench'
import { outcomeText } from '../../answers/outcome'
import { queryClient, trpc } from '../../rpc/client'
import { titleOf } from '../../shell/job-words'
import { hrefTo } from '../../shell/routes'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { bytes } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { remedyOf, type Remedy } from './remedy'

const texts = strings.mend

interface Props {
  readonly outcome: ChunkOutcome
  readonly strategy: Strategy | null
  readonly set: string
  readonly profile: Profile | null
  /** Asks the same again, by another strategy where one is given. */
  readonly onAgain: (strategy?: Strategy) => void
}

export function Mend({ outcome, strategy, set, profile, onAgain }: Props) {
  const status = useQuery(trpc.status.queryOptions())
  const remedy = remedyOf(outcome, { profile, quota: status.data?.store.quota ?? null })
  if (!remedy) return null
  const isRemoved = outcome.kind === 'miss' && outcome.reason === 'removed'
  const isInTrash = isRemoved && (status.data?.store.trash.copies ?? 0) > 0
  return (
    <Action outcome={outcome} strategy={strategy} set={set} remedy={remedy} isInTrash={isInTrash} onAgain={onAgain} />
  )
}

interface ActionProps extends Omit<Props, 'profile'> {
  readonly remedy: Remedy
  /** Caches lie in the trash, and this one may be among them. */
  readonly isInTrash: boolean
}

function Action({ outcome, strategy, set, remedy, isInTrash, onAgain }: ActionProps) {
  const onSuccess = (job: JobState): void => toast(texts.started(titleOf(job)))
  const build = useMutation(trpc.build.mutationOptions({ onSuccess }))
  const recode = useMutation(trpc.store.recode.mutationOptions({ onSuccess }))
  const room = useMutation(
    trpc.store.setQuota.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries(trpc.status.queryFilter())
        build.mutate({ set })
      },
    }),
  )
  const error = build.error ?? recode.error ?? room.error
  const isBusy = build.isPending || recode.isPending || room.isPending
  const button = (label: string, run: () => void) => (
    <button type="button" className="button small" disabled={isBusy} onClick={run}>
      {label}
    </button>
  )
  return (
    <section aria-label={texts.title} className="mend" data-testid="mend">
      <h3>{texts.title}</h3>
      <p>{outcomeText(outcome, strategy)}</p>
      <div className="line">
        {remedy.kind === 'build' && button(texts.build, () => build.mutate({ set }))}
        {remedy.kind === 'again' && button(texts.again, () => onAgain())}
        {remedy.kind === 'reuse' && button(texts.reuse, () => onAgain('reuse'))}
        {remedy.kind === 'room' && button(texts.room(bytes(remedy.quota)), () => room.mutate({ bytes: remedy.quota }))}
        {remedy.kind === 'recode' &&
          button(texts.recode(remedy.profile), () => recode.mutate({ set, profile: remedy.profile }))}
        {isInTrash && (
          <a className="link" href={hrefTo('/caches/clean')}>
            {texts.trash}
          </a>
        )}
      </div>
      {error && <Notice failure={failureOf(error)} />}
    </section>
  )
}
