/** Where words go: results to stdout, remarks to stderr; with `--json` stdout holds one object and nothing else. */
import { coloursOf } from './colours'

export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
}

export class Output {
  readonly json: boolean
  readonly quiet: boolean
  /** Colours of stdout; they do nothing when it is no terminal. */
  readonly paint = coloursOf(process.stdout)

  constructor({ json, quiet }: OutputOptions) {
    this.json = json
    this.quiet = quiet
  }

  /** A line of the result, for people. */
  line(text = ''): void {
    this.write(`${text}\n`)
  }

  /** A piece of the result, for people. */
  write(text: string): void {
    if (!this.json) process.stdout.write(text)
  }

  /** The result, for programs. */
  result(value: object): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`)
  }

  /** A remark that is no part of the result. */
  remark(text: string): void {
    if (!this.quiet) process.stderr.write(`${coloursOf(process.stderr).dim(text)}\n`)
  }
}
