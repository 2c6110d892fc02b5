/** The dial: strategies from the quickest to the one that computes everything, each with what it would cost and keep. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ArmEstimate, Estimate } from '../../../shared/estimate'
import type { Profile } from '../../../shared/profile'
import { parseStrategy, type Strategy } from '../../../shared/strategy'
import { whyOf } from '../../answers/choice'
import { ProfilePicker } from '../../answers/profile-picker'
import { strategyLabel, strategyText } from '../../answers/strategy-label'
import { trpc } from '../../rpc/client'
import { titleOf } from '../../shell/job-words'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { inShort, said } from '../../ui/failure'
import { bytes, duration, percent } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { Term, type TermName } from '../../ui/term'
import type { Estimated } from './use-estimate'

const texts = strings.dial
/** Before anything is estimated. */
const USUAL: readonly Strategy[] = ['reuse', 'link:16', 'mix:16+0.15', 'blend:0.15', 'prefix', 'full']
/** On the dial whether or not something cheaper is as faithful. */
const ALWAYS = new Set<Strategy>(['reuse', 'prefix', 'full'])

/** What the dial stands on: an arm that was estimated, or one that is not yet. */
interface Stop {
  readonly strategy: Strategy
  readonly arm: ArmEstimate | null
}

interface Props {
  readonly estimated: Estimated
  readonly model: string
  readonly value: Strategy
  readonly onChange: (value: Strategy) => void
  readonly profile: Profile | null
  readonly onProfile: (profile: Profile | null) => void
}

export function Dial({ estimated, model, value, onChange, profile, onProfile }: Props) {
  const { estimate } = estimated
  const stops = stopsOf(estimate, value)
  const auto = estimate?.arms.find(({ strategy }) => strategy === 'auto') ?? null
  const isAuto = value === 'auto'
  const stands = isAuto ? auto?.chosen?.strategy : value
  const at = Math.max(0, stops.findIndex(({ strategy }) => strategy === stands))
  const shown = isAuto ? auto : (stops[at]?.arm ?? null)
  const turnTo = (wanted: number): void => {
    const next = nearest(stops, at, wanted)
    if (next) onChange(next.strategy)
  }
  return (
    <section className="dial" aria-label={texts.title}>
      <div className="line wrap">
        <h3>{texts.title}</h3>
        <label className="pill choose" title={auto?.chosen ? whyOf(auto.chosen) : strategyText('auto')}>
          <input
            type="checkbox"
            className="hidden-text"
            checked={isAuto}
            onChange={() => onChange(isAuto ? (auto?.chosen?.strategy ?? 'reuse') : 'auto')}
          />
          {texts.auto}
        </label>
        <span className="dim">
          <Term name="profile">{strings.profiles.label}</Term>
        </span>
        <ProfilePicker label={strings.profiles.label} className="pill picker" value={profile} onChange={onProfile} />
        <OtherForm value={value} isOnDial={isAuto || ALWAYS.has(value) || USUAL.includes(value)} onChange={onChange} />
        <span className="dim push hint">
          <span className="tick" data-basis="exact" aria-hidden="true" /> {texts.markExact}
          <span className="tick" data-basis="calibrated" aria-hidden="true" /> {texts.markCalibrated}
          <span className="tick" aria-hidden="true" /> {texts.markUnknown}
        </span>
      </div>
      <div className="dial-track" style={{ '--stops': stops.length } as React.CSSProperties}>
        <input
          type="range"
          aria-label={texts.slider}
          aria-valuetext={texts.position(isAuto ? texts.auto : strategyLabel(value), shown ? figuresOf(shown) : texts.loading)}
          min={0}
          max={stops.length - 1}
          step={1}
          value={at}
          data-auto={isAuto}
          onChange={(event) => turnTo(Number(event.currentTarget.value))}
        />
        <div className="dial-marks">
          {stops.map(({ strategy, arm }, index) => (
            <button
              key={strategy}
              type="button"
              className="mark"
              tabIndex={-1}
              data-basis={arm?.fidelity?.basis ?? 'none'}
              data-here={index === at}
              disabled={arm?.refused != null}
              title={arm ? (refusalOf(arm) ?? figuresOf(arm)) : strategyText(strategy)}
              onClick={() => onChange(strategy)}
            >
              <span className="tick" data-basis={arm?.fidelity?.basis ?? 'none'} aria-hidden="true" />
              {strategyLabel(strategy)}
            </button>
          ))}
        </div>
      </div>
      {estimated.failure ? (
        <Notice failure={estimated.failure} />
      ) : (
        <ArmFigures arm={shown} isPending={estimated.isPending} />
      )}
      <p className="dim">
        {isAuto && auto?.chosen
          ? texts.autoWould(strategyLabel(auto.chosen.strategy), whyOf(auto.chosen))
          : strategyText(value)}
      </p>
      {estimate && <Basis estimate={estimate} model={model} refused={stops.filter(({ arm }) => arm?.refused != null)} />}
    </section>
  )
}

function stopsOf(estimate: Estimate | undefined, value: Strategy): readonly Stop[] {
  if (!estimate) {
    const all = value === 'auto' || USUAL.includes(value) ? USUAL : [...USUAL.slice(0, -1), value, 'full']
    return all.map((strategy) => ({ strategy, arm: null }))
  }
  const chosen = estimate.arms.find(({ strategy }) => strategy === 'auto')?.chosen?.strategy
  const stops = estimate.arms
    .filter(({ strategy }) => strategy !== 'auto')
    .filter(({ strategy, isDominated }) => !isDominated || ALWAYS.has(strategy) || strategy === value || strategy === chosen)
    .map((arm): Stop => ({ strategy: arm.strategy, arm }))
  // Until the next estimate has it.
  const isMissing = value !== 'auto' && !stops.some(({ strategy }) => strategy === value)
  return isMissing ? [...stops, { strategy: value, arm: null }] : stops
}

/** What may be used at the wanted place, or behind it in the same direction. */
function nearest(stops: readonly Stop[], at: number, wanted: number): Stop | undefined {
  const step = wanted < at ? -1 : 1
  for (let index = wanted; index >= 0 && index < stops.length; index += step)
    if (stops[index]?.arm?.refused == null) return stops[index]
  return undefined
}

function figuresOf(arm: ArmEstimate): string {
  const { clauses, of } = strings.joins
  return clauses(
    timeOf(arm),
    of(texts.read, bytes(arm.bytes)),
    of(texts.computed, computedOf(arm)),
    of(texts.fidelity, fidelityOf(arm)),
  )
}

/** Why a strategy may not be used; null where it may. */
function refusalOf({ refused, refusal }: ArmEstimate): string | null {
  return refused === null ? null : inShort({ code: 'model.gate-failed', text: refused, detail: refusal })
}

function timeOf({ ttftMs, isRough }: ArmEstimate): string {
  return ttftMs === null ? texts.timeUnknown : texts.time(duration(ttftMs), isRough)
}

function computedOf({ computedTokens, recomputedTokens, reusedTokens }: ArmEstimate): string {
  return texts.computedOf(computedTokens + recomputedTokens, computedTokens + reusedTokens)
}

function fidelityOf({ fidelity }: ArmEstimate): string {
  if (!fidelity) return texts.notCalibrated
  return fidelity.basis === 'exact' ? texts.exact : texts.calibrated(percent(fidelity.top1), fidelity.klMean.toPrecision(2))
}

function ArmFigures({ arm, isPending }: { readonly arm: ArmEstimate | null; readonly isPending: boolean }) {
  const cells: readonly (readonly [name: string, value: string, term?: TermName])[] = [
    [texts.firstToken, arm ? timeOf(arm) : isPending ? texts.loading : texts.timeUnknown, 'ttft'],
    [texts.read, arm ? bytes(arm.bytes) : strings.figures.none],
    [texts.computed, arm ? computedOf(arm) : strings.figures.none, 'recompute'],
    [texts.fidelity, arm ? fidelityOf(arm) : strings.figures.none, 'kl'],
  ]
  return (
    <dl className="dial-figures" data-testid="estimate">
      {cells.map(([name, value, term]) => (
        <div key={name}>
          <dt className="dim">{term ? <Term name={term}>{name}</Term> : name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What the figures are told from, and the one thing that would tell more. */
function Basis({ estimate, model, refused }: { readonly estimate: Estimate; readonly model: string; readonly refused: readonly Stop[] }) {
  const calibrate = useMutation(
    trpc.models.calibrate.mutationOptions({ onSuccess: (job) => toast(texts.started(titleOf(job))) }),
  )
  const check = useMutation(trpc.models.check.mutationOptions({ onSuccess: (job) => toast(texts.started(titleOf(job))) }))
  const { measured, calibration } = estimate
  const [why] = refused.flatMap(({ arm }) => (arm && refusalOf(arm)) ?? [])
  return (
    <>
      <p className="dim">
        {measured.queries > 0
          ? texts.measured(measured.queries)
          : measured.builds > 0
            ? texts.fromBuilds(measured.builds)
            : texts.unmeasured}
        {strings.joins.gap}
        {calibration ? (
          texts.calibratedOn(calibration.questions, calibration.set !== null)
        ) : (
          <>
            {texts.uncalibrated}{' '}
            <button type="button" className="link" disabled={calibrate.isPending} onClick={() => calibrate.mutate({ model })}>
              {texts.calibrate}
            </button>
          </>
        )}
      </p>
      {why !== undefined && (
        <p className="wrong" data-testid="refused">
          {texts.refused} {strings.joins.sentence(strings.joins.list(refused.map(({ strategy }) => strategyLabel(strategy))))}
          {strings.joins.gap}
          {why}{' '}
          <button type="button" className="link" disabled={check.isPending} onClick={() => check.mutate({ model })}>
            {texts.check}
          </button>
        </p>
      )}
    </>
  )
}

/** Any strategy as it is written, for those who know it. */
function OtherForm({
  value,
  isOnDial,
  onChange,
}: {
  readonly value: Strategy
  readonly isOnDial: boolean
  readonly onChange: (value: Strategy) => void
}) {
  const [typed, setTyped] = useState<string | null>(null)
  const text = typed ?? (isOnDial ? '' : value)
  const parsed = text.trim() === '' ? null : parseStrategy(text.trim())
  const take = (): void => {
    if (parsed?.ok) onChange(text.trim())
    if (parsed?.ok || text.trim() === '') setTyped(null)
  }
  return (
    <>
      <input
        type="text"
        className="other-form"
        aria-label={texts.other}
        placeholder={`${texts.other}…`}
        title={texts.otherHint}
        aria-invalid={parsed?.ok === false}
        value={text}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          take()
        }}
      />
      {parsed?.ok === false && typed !== null && <span className="wrong">{said(parsed.said)}</span>}
    </>
  )
}
