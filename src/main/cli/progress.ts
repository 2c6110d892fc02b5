/** Progress on stderr: a bar with the time left on a terminal, plain lines elsewhere, nothing when quiet. */
import { Presets, SingleBar, type Options } from 'cli-progress'
import { clock, count } from './figures'
import { shortened } from './table'

/** Between two plain lines of one phase. */
const LINE_EVERY_MS = 5000

/** A steady place for the bar; narrower where the terminal is. */
const LABEL_WIDTH = 24
const NARROW_LABEL_WIDTH = 16
const BAR_WIDTH = 16
const NARROW_BAR_WIDTH = 10
/** Label, bar and figures have their full width from here on. */
const WIDE_COLUMNS = 100
/** Spaces and the percentage between them. */
const GAPS = 11

const BAR: Options = {
  format: '{label}  {bar}  {percentage} %  {figures}',
  stream: process.stderr,
  hideCursor: true,
  clearOnComplete: true,
}

export interface ProgressState {
  readonly phase: string
  readonly done: number
  readonly total: number
  readonly unit: string
  readonly etaSeconds?: number | null
  /** Units per second. */
  readonly speed?: number | null
}

export interface Progress {
  show(state: ProgressState): void
  /** Takes the bar away, so that what follows starts on a clean line. */
  end(): void
}

export function makeProgress({ quiet }: { quiet: boolean }): Progress {
  if (quiet) return { show: () => undefined, end: () => undefined }
  return process.stderr.isTTY ? bar() : lines()
}

function bar(): Progress {
  let shown: SingleBar | null = null
  return {
    show(state) {
      const { label, barsize, figures } = barLine(state, process.stderr.columns)
      const payload = { label, figures }
      if (!shown) {
        shown = new SingleBar({ ...BAR, barsize }, Presets.shades_classic)
        shown.start(Math.max(1, state.total), state.done, payload)
        return
      }
      shown.setTotal(Math.max(1, state.total))
      shown.update(state.done, payload)
    },
    end() {
      shown?.stop()
      shown = null
    },
  }
}

/** What of a state fits on one line: the time left always does, the speed where there is room. */
export function barLine(
  state: ProgressState,
  columns: number,
): { readonly label: string; readonly barsize: number; readonly figures: string } {
  const isWide = columns >= WIDE_COLUMNS
  const width = isWide ? LABEL_WIDTH : NARROW_LABEL_WIDTH
  const barsize = isWide ? BAR_WIDTH : NARROW_BAR_WIDTH
  const all = figures(state)
  const fits = width + barsize + GAPS + all.length < columns
  return {
    label: shortened(state.phase, width).padEnd(width),
    barsize,
    figures: fits ? all : figures({ ...state, speed: null }),
  }
}

function lines(): Progress {
  let phase = ''
  let at = 0
  return {
    show(state) {
      if (state.phase === phase && performance.now() - at < LINE_EVERY_MS) return
      phase = state.phase
      at = performance.now()
      process.stderr.write(`${state.phase}  ${figures(state)}\n`)
    },
    end: () => undefined,
  }
}

function figures({ done, total, unit, speed = null, etaSeconds = null }: ProgressState): string {
  const parts = [`${count(done)}/${count(total)} ${unit}`]
  if (speed !== null && speed >= 1) parts.push(`${count(speed)} ${unit}/s`)
  if (etaSeconds !== null && done < total) parts.push(`ETA ${clock(etaSeconds)}`)
  return parts.join('  ')
}
