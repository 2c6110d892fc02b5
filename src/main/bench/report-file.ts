/** Reports as files: JSON is the thing itself, Markdown, CSV and SVG are views of it. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { z } from 'zod'
import { WorkbenchError } from '../../shared/errors'
import { writeDurably } from '../base/durable-files'
import { errorText } from '../base/error-code'
import { benchReport, type BenchReport } from '../../shared/bench-report'
import { toSvg } from './chart'
import { toCsv, toMarkdown } from './views'

const VIEWS: Readonly<Record<string, (report: BenchReport) => string>> = {
  '.json': (report) => `${JSON.stringify(report, null, 2)}\n`,
  '.md': toMarkdown,
  '.csv': toCsv,
  '.svg': picture,
}

function picture(report: BenchReport): string {
  const svg = toSvg(report)
  if (svg !== null) return svg
  throw new WorkbenchError(
    'argument.invalid',
    `A report of kind ${report.kind} has no answers to draw; take .json, .md or .csv.`,
  )
}

/** The view of a report that a file of this name holds. @throws `argument.invalid` */
export function viewFor(path: string): (report: BenchReport) => string {
  const view = VIEWS[extname(path).toLowerCase()]
  if (view) return view
  throw new WorkbenchError(
    'argument.invalid',
    `Expected a report's file to end in .json, .md, .csv or .svg; got '${path}'.`,
  )
}

/** Whole or not at all. @throws `argument.invalid`, `file.unreadable` */
export async function writeReport(report: BenchReport, path: string): Promise<void> {
  const text = viewFor(path)(report)
  try {
    await writeDurably(path, text)
  } catch (error) {
    throw new WorkbenchError('file.unreadable', `Expected to write ${path}, but: ${errorText(error)}.`, {
      cause: error,
    })
  }
}

/** @throws `file.unreadable`, `argument.invalid` for what is no report */
export async function readReport(path: string): Promise<BenchReport> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new WorkbenchError('file.unreadable', `${path} cannot be read: ${errorText(error)}.`, { cause: error })
  })
  return parseReport(text, path)
}

/** @param where what the text came from, for the error. @throws `argument.invalid` for what is no report */
export function parseReport(text: string, where: string): BenchReport {
  try {
    return benchReport.parse(JSON.parse(text))
  } catch (error) {
    const found = error instanceof z.ZodError ? problem(error) : 'it is no JSON'
    throw new WorkbenchError(
      'argument.invalid',
      { id: 'report.none', params: { where, found } },
      { cause: error },
    )
  }
}

function problem({ issues: [issue] }: z.ZodError): string {
  const where = issue?.path.join('.') ?? ''
  return `${where === '' ? 'it' : `its ${where}`} does not fit: ${issue?.message ?? 'unknown'}`
}
