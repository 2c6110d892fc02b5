/** What the form for a new run holds: a kind, and what was given for each of its options, as text. */
import {
  BENCH_TAKES,
  benchOptions,
  QUICK_BENCHES,
  WINDOW_BENCHES,
  type BenchOption,
  type BenchOptions,
  type WindowBench,
} from '../../../shared/bench'

export interface FormState {
  readonly kind: WindowBench
  /** Empty: the default. */
  readonly given: Readonly<Partial<Record<BenchOption, string>>>
}

const FLAGS: readonly BenchOption[] = ['fresh', 'firstQuery']
const TEXTS: readonly BenchOption[] = ['make', 'shape', 'arms', 'suite', 'tag', 'model', 'device']

export function quickForm(kind: WindowBench): FormState {
  return formOf(QUICK_BENCHES[kind])
}

export function usualForm(kind: WindowBench): FormState {
  return { kind, given: {} }
}

function formOf({ kind, ...options }: BenchOptions): FormState {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return { kind: kind as WindowBench, given: Object.fromEntries(given) as FormState['given'] }
}

/** Null where a number is none. Options of another kind are left out. */
export function optionsOf({ kind, given }: FormState): BenchOptions | null {
  const options = Object.entries(given).flatMap(([name, text]): [string, string | number | boolean][] => {
    const option = name as BenchOption
    if (text.trim() === '' || !BENCH_TAKES[kind].includes(option)) return []
    if (FLAGS.includes(option)) return text === 'true' ? [[name, true]] : []
    return [[name, TEXTS.includes(option) ? text.trim() : Number(text)]]
  })
  const parsed = benchOptions.safeParse({ kind, ...Object.fromEntries(options) })
  return parsed.success ? parsed.data : null
}

export const isFlag = (option: BenchOption): boolean => FLAGS.includes(option)
export const isText = (option: BenchOption): boolean => TEXTS.includes(option)

/** Where the same is asked for again; null where it is not known, or not for the window. */
export function againPath(options: unknown): string | null {
  const parsed = benchOptions.safeParse(options)
  if (!parsed.success || !WINDOW_BENCHES.some((kind) => kind === parsed.data.kind)) return null
  return `/bench/new/${encodeURIComponent(JSON.stringify(parsed.data))}`
}

/** From such a path. */
export function formFrom(path: string | undefined): FormState {
  if (path === undefined) return quickForm('suite')
  if (WINDOW_BENCHES.some((kind) => kind === path)) return quickForm(path as WindowBench)
  try {
    const parsed = benchOptions.safeParse(JSON.parse(path))
    return parsed.success && WINDOW_BENCHES.some((kind) => kind === parsed.data.kind) ? formOf(parsed.data) : quickForm('suite')
  } catch {
    // A link that was cut: the form begins as usual.
    return quickForm('suite')
  }
}
