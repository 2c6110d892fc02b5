/** A bench's report: JSON is the thing itself, Markdown and CSV are views of it. Fields not measured are left out. */
import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import { errorText } from '../base/error-code'

export interface Quantiles {
  readonly p50: number
  readonly p95: number
}

export interface ArmReport {
  readonly name: string
  /** From the request to the first sampled token, reading and uploading caches included. */
  readonly ttftMs: Quantiles
  /** The same without reading and uploading. */
  readonly ttftNoLoadMs: Quantiles
  /** Median over the rounds of full prefill's TTFT divided by this arm's, measured side by side. */
  readonly ratioToFull: number
  /** 95 % interval of that median. */
  readonly ratioInterval: readonly [number, number]
  readonly tokens: {
    readonly knowledge: number
    readonly question: number
    readonly reused: number
    readonly computed: number
  }
  readonly bytesRead: number
}

/** Tokens per second; `ratio` is the median over the pairs of kvasir / libllama. */
export interface Comparison {
  readonly kvasir: number
  readonly libllama: number
  readonly ratio: number
  readonly ratioInterval: readonly [number, number]
}

export interface BenchReport {
  readonly kvasir: string
  readonly createdAt: string
  readonly command: string
  readonly kind: 'engine'
  readonly machine: {
    readonly cpu: string
    readonly threads: number
    readonly device: string
    readonly memoryGiB: number
  }
  readonly model: {
    readonly name: string
    readonly fingerprint: string
    readonly architecture: string
    readonly parameters: number
    readonly quantization: string
    readonly kvBytesPerToken: number
  }
  readonly libraries: { readonly ggml: string; readonly llama: string }
  readonly repetitions: number
  readonly engine: { readonly prefill: Comparison; readonly decode: Comparison }
  readonly arms: readonly ArmReport[]
}

const VIEWS: Readonly<Record<string, (report: BenchReport) => string>> = {
  '.json': (report) => `${JSON.stringify(report, null, 2)}\n`,
  '.md': toMarkdown,
  '.csv': toCsv,
}

/** The view of a report that a file of this name holds. @throws `argument.invalid` */
export function viewFor(path: string): (report: BenchReport) => string {
  const view = VIEWS[extname(path).toLowerCase()]
  if (view) return view
  throw new WorkbenchError('argument.invalid', `Expected a report's file to end in .json, .md or .csv; got '${path}'.`)
}

/** @throws `argument.invalid`, `file.unreadable` */
export async function writeReport(report: BenchReport, path: string): Promise<void> {
  const text = viewFor(path)(report)
  try {
    await writeFile(path, text)
  } catch (error) {
    throw new WorkbenchError('file.unreadable', `Expected to write ${path}, but: ${errorText(error)}.`, {
      cause: error,
    })
  }
}

export function toMarkdown(report: BenchReport): string {
  const { machine, model, engine } = report
  const comparison = (name: string, { kvasir, libllama, ratio, ratioInterval: [low, high] }: Comparison): string =>
    row(name, fixed(kvasir, 1), fixed(libllama, 1), fixed(ratio, 3), `${fixed(low, 3)} to ${fixed(high, 3)}`)
  const arm = ({
    name,
    ttftMs,
    ttftNoLoadMs,
    ratioToFull,
    ratioInterval: [low, high],
    tokens,
    bytesRead,
  }: ArmReport): string =>
    row(
      name,
      fixed(ttftMs.p50, 1),
      fixed(ttftMs.p95, 1),
      fixed(ttftNoLoadMs.p50, 1),
      `${fixed(ratioToFull, 2)} (${fixed(low, 2)} to ${fixed(high, 2)})`,
      String(tokens.reused),
      String(tokens.computed),
      fixed(bytesRead / 1e6, 1),
    )
  return [
    `# ${report.kind}: ${model.name}`,
    '',
    `\`${report.command}\``,
    '',
    `Kvasir ${report.kvasir}, ggml ${report.libraries.ggml}, llama.cpp ${report.libraries.llama}, ${report.createdAt}. ` +
      `${machine.cpu}, ${machine.threads} threads, device ${machine.device}, ${machine.memoryGiB} GiB. ` +
      `${model.architecture} ${model.quantization}, ${(model.parameters / 1e9).toFixed(2)} G parameters, ` +
      `${model.kvBytesPerToken} bytes of K/V per token, fingerprint ${model.fingerprint}. ` +
      `${report.repetitions} repetitions, alternating; medians, 95 % intervals.`,
    '',
    row('tokens/s', 'kvasir', 'libllama', 'ratio', 'interval'),
    row('---', '---:', '---:', '---:', '---:'),
    comparison('prefill', engine.prefill),
    comparison('decode', engine.decode),
    '',
    row('arm', 'TTFT ms p50', 'p95', 'without load p50', 'times faster than full', 'reused', 'computed', 'MB read'),
    row('---', '---:', '---:', '---:', '---:', '---:', '---:', '---:'),
    ...report.arms.map(arm),
    '',
  ].join('\n')
}

/** One figure per line: `section,name,metric,value`. */
export function toCsv({ engine, arms, ...about }: BenchReport): string {
  const lines = [
    ...flat(about).map(([metric, value]) => ['report', '', metric, value]),
    ...Object.entries(engine).flatMap(([name, figures]) =>
      flat(figures).map(([metric, value]) => ['engine', name, metric, value]),
    ),
    ...arms.flatMap(({ name, ...figures }) => flat(figures).map(([metric, value]) => ['arm', name, metric, value])),
  ]
  return [['section', 'name', 'metric', 'value'], ...lines].map((line) => `${line.map(field).join(',')}\n`).join('')
}

/** Leaves of a plain object, with their paths. */
function flat(value: object): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): [string, string][] =>
    typeof inner === 'object' && inner !== null
      ? flat(inner).map(([rest, leaf]) => [`${name}.${rest}`, leaf])
      : [[name, String(inner)]],
  )
}

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const row = (...cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const fixed = (value: number, digits: number): string => value.toFixed(digits)
