/** A new run: what to measure, how much of it, and how long that takes. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { BENCH_DEFAULTS, BENCH_TAKES, WINDOW_BENCHES, type BenchOption } from '../../../shared/bench'
import { queryClient, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { go } from '../../shell/routes'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { estimate as timeText } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { formFrom, isFlag, isText, optionsOf, quickForm, usualForm, type FormState } from './form-state'

const texts = strings.benchForm
/** Seldom of interest. */
const MORE: readonly BenchOption[] = ['threads', 'device', 'seed', 'fresh']
/** Of the codec over a random model, which the command line has. */
const NOT_HERE: Partial<Record<FormState['kind'], readonly BenchOption[]>> = { codec: ['make', 'layers', 'shape', 'chunk', 'repetitions'] }

export function StartForm({ from }: { readonly from: string | undefined }) {
  const [form, setForm] = useState<FormState>(() => formFrom(from))
  const options = optionsOf(form)
  const estimate = useQuery(
    trpc.bench.estimate.queryOptions(options ?? { kind: form.kind }, { enabled: options !== null, placeholderData: (before) => before }),
  )
  const start = useMutation(
    trpc.bench.start.mutationOptions({
      onSuccess: ({ id }) => {
        void queryClient.invalidateQueries(trpc.status.queryFilter())
        go(`/bench/run/${id}`)
      },
    }),
  )
  const isReady = options !== null && !estimate.error && !start.isPending
  const run = (): void => {
    if (options && isReady) start.mutate(options)
  }
  useCommands([{ id: 'bench.start', title: texts.start, keys: 'mod+Enter', disabled: !isReady, run }])
  const set = (option: BenchOption, text: string): void => setForm({ ...form, given: { ...form.given, [option]: text } })
  const shown = BENCH_TAKES[form.kind].filter((option) => !MORE.includes(option) && !NOT_HERE[form.kind]?.includes(option))
  return (
    <form
      className="bench-form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        run()
      }}
    >
      <h2>{texts.title}</h2>
      <fieldset className="bench-kinds">
        <legend>{texts.kind}</legend>
        {WINDOW_BENCHES.map((kind) => (
          <label key={kind} data-chosen={kind === form.kind}>
            <input type="radio" name="kind" checked={kind === form.kind} onChange={() => setForm(quickForm(kind))} />
            <b>{strings.bench.kinds[kind].label}</b>
            <span>{strings.bench.kinds[kind].text}</span>
          </label>
        ))}
      </fieldset>
      <div className="line wrap">
        <span>{texts.size}</span>
        <span className="line">
          <button type="button" className="button small" onClick={() => setForm(quickForm(form.kind))} title={texts.quickHint}>
            {texts.quick}
          </button>
          <span className="dim">{texts.quickHint}</span>
        </span>
        <span className="line">
          <button type="button" className="button small" onClick={() => setForm(usualForm(form.kind))} title={texts.usualHint}>
            {texts.usual}
          </button>
          <span className="dim">{texts.usualHint}</span>
        </span>
      </div>
      <div className="bench-fields">
        {shown.map((option) => (
          <Field key={option} form={form} option={option} onSet={(text) => set(option, text)} />
        ))}
      </div>
      <details>
        <summary>{texts.more}</summary>
        <div className="bench-fields">
          {MORE.filter((option) => BENCH_TAKES[form.kind].includes(option)).map((option) => (
            <Field key={option} form={form} option={option} onSet={(text) => set(option, text)} />
          ))}
        </div>
      </details>
      {(start.error ?? estimate.error) && <Notice failure={failureOf(start.error ?? estimate.error)} />}
      <div className="line wrap">
        <button type="submit" className="button primary" disabled={!isReady}>
          {start.isPending ? texts.starting : texts.start}
        </button>
        <span data-testid="estimate">
          {estimate.data &&
            !estimate.error &&
            `${texts.estimate(estimate.data.measurements)} · ${
              estimate.data.seconds === null ? texts.unknown : texts.about(timeText(estimate.data.seconds))
            }`}
        </span>
      </div>
      <p className="dim">{texts.beside}</p>
    </form>
  )
}

interface FieldProps {
  readonly form: FormState
  readonly option: BenchOption
  readonly onSet: (text: string) => void
}

function Field({ form, option, onSet }: FieldProps) {
  const { label, hint } = texts.fields[option]
  const value = form.given[option] ?? ''
  const usual = defaultOf(form, option)
  if (isFlag(option)) {
    return (
      <label className="bench-flag" title={hint}>
        <input type="checkbox" checked={value === 'true'} onChange={({ target }) => onSet(String(target.checked))} />
        <b>{label}</b>
        <span className="dim">{hint}</span>
      </label>
    )
  }
  const isWide = option === 'arms'
  return (
    <label className={isWide ? 'bench-wide' : undefined}>
      <b>{label}</b>
      {option === 'suite' || option === 'tag' ? (
        <SuiteChoice form={form} option={option} onSet={onSet} />
      ) : option === 'model' ? (
        <ModelChoice value={value} onSet={onSet} />
      ) : (
        <input
          className="bench-input"
          type={isText(option) ? 'text' : 'number'}
          min={0}
          value={value}
          placeholder={usual}
          onChange={({ target }) => onSet(target.value)}
        />
      )}
      <span className="dim">{hint}</span>
    </label>
  )
}

/** One of the sets that come along, or the path of a file; of a known set its tags. */
function SuiteChoice({ form, option, onSet }: Omit<FieldProps, 'option'> & { readonly option: 'suite' | 'tag' }) {
  const { data: suites = [] } = useQuery(trpc.bench.suites.queryOptions(undefined, { staleTime: Infinity }))
  const value = form.given[option] ?? ''
  const chosen = form.given.suite === undefined || form.given.suite === '' ? BENCH_DEFAULTS.suite.suite : form.given.suite
  const known = suites.find(({ name }) => name === chosen)
  const [isFile, setIsFile] = useState(false)
  if (option === 'tag') {
    if (!known) return <input className="bench-input" value={value} placeholder={texts.all} onChange={({ target }) => onSet(target.value)} />
    return (
      <select className="bench-select" value={value} onChange={({ target }) => onSet(target.value)}>
        <option value="">{texts.all}</option>
        {known.tags.map(({ tag, questions }) => (
          <option key={tag} value={tag}>
            {texts.tagOf(tag, questions)}
          </option>
        ))}
      </select>
    )
  }
  const byFile = isFile || (suites.length > 0 && !known)
  return (
    <span className="line">
      <select
        className="bench-select"
        value={byFile ? 'file' : chosen}
        onChange={({ target }) => {
          setIsFile(target.value === 'file')
          onSet(target.value === 'file' ? '' : target.value)
        }}
      >
        {suites.map(({ name, questions }) => (
          <option key={name} value={name}>
            {texts.questionsOf(name, questions)}
          </option>
        ))}
        <option value="file">{texts.file}</option>
      </select>
      {byFile && (
        <input
          className="bench-input"
          aria-label={texts.file}
          value={known ? '' : value}
          placeholder="questions.jsonl"
          onChange={({ target }) => onSet(target.value)}
        />
      )}
    </span>
  )
}

function ModelChoice({ value, onSet }: { readonly value: string; readonly onSet: (text: string) => void }) {
  const { data: models = [] } = useQuery(trpc.models.list.queryOptions())
  return (
    <select className="bench-select" value={value} onChange={({ target }) => onSet(target.value)}>
      <option value="">{texts.bundled}</option>
      {models
        .filter(({ bundled }) => !bundled)
        .map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
    </select>
  )
}

function defaultOf({ kind }: FormState, option: BenchOption): string {
  const defaults: Partial<Record<BenchOption, string | number>> = BENCH_DEFAULTS[kind]
  const value = defaults[option]
  if (value !== undefined) return String(value)
  return option === 'device' ? texts.auto : option === 'seed' ? '1' : texts.all
}
