/** The models that may be asked, with the gate's verdict on each. */
import type { ModelSummary } from '../../../shared/workbench'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { bytes } from '../../ui/format'

const texts = strings.models

export function KnownList({ models, shown }: { readonly models: readonly ModelSummary[]; readonly shown: string | null }) {
  return (
    <ul className="model-list" aria-label={texts.known}>
      {models.map((model) => (
        <li key={model.id}>
          <a href={hrefTo(`/models/${encodeURIComponent(model.id)}`)} aria-current={model.id === shown ? 'page' : undefined}>
            <span className="line">
              <b className="clip" title={model.id}>
                <bdi>{model.id}</bdi>
              </b>
              {model.isDefault && <span className="pill">{texts.isDefault}</span>}
              <VerdictBadge model={model} />
            </span>
            <span className="dim">{[model.architecture, model.quantization, bytes(model.fileBytes)].join(' · ')}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

export function VerdictBadge({ model: { verdict } }: { readonly model: ModelSummary }) {
  const state = verdict ? (verdict.passed ? 'passed' : 'failed') : 'unchecked'
  return (
    <span className="pill push" data-verdict={state}>
      {texts.verdicts[state]}
    </span>
  )
}
