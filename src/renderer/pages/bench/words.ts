/** Figures and headlines in the page's language. */
import type { BenchHeadline, Figure, FigureColumn, Figures, Spread } from '../../../shared/bench'
import { strings } from '../../strings'
import { decimal, digits as significant, duration, percent } from '../../ui/format'

const texts = strings.benchReport
const { joins } = strings

/** 98.4 % */
export function share(value: number): string {
  return `${decimal(value * 100, 1)} %`
}

/** 45.7x (45.2 to 48.2) */
export function timesText({ value, low, high }: Spread, digits = value < 10 ? 2 : 1): string {
  return texts.times(decimal(value, digits), decimal(low, digits), decimal(high, digits))
}

export function headlineWords(headline: BenchHeadline): string {
  switch (headline.kind) {
    case 'faster': {
      const { arm, ratio, answers } = headline
      const faster = texts.faster(arm, timesText(ratio))
      if (!answers) return joins.sentence(faster)
      const words = answers.keeps ? texts.keeps : texts.loses
      return joins.clauses(faster, words(share(answers.arm), share(answers.full)))
    }
    case 'engine':
      return texts.engine(timesText(headline.prefill, 3), timesText(headline.decode, 3))
    case 'steady':
      return texts.steady(headline.arm, headline.queries, `${decimal(headline.decay, 2)}x`, percent(headline.hitRate))
    case 'smaller': {
      const { form, ratio, answers } = headline
      const smaller = texts.smaller(form, `${decimal(ratio, 1)}x`)
      return answers ? joins.clauses(smaller, texts.answersOverF16(share(answers.form), share(answers.f16))) : joins.sentence(smaller)
    }
    case 'store':
      return texts.store(headline.caches, duration(headline.startMs), duration(headline.openMs))
  }
}

export function titleOf({ id, over }: Figures): string {
  if (id === 'novel') return texts.over(over?.arm ?? '', over?.block ?? 0, `${decimal(over?.decay ?? 1, 3)}x`)
  return texts.figures[id]
}

export function columnTitle({ id, of, n }: FigureColumn): string {
  if (of !== undefined) return n === undefined ? of : texts.groupOf(of, n)
  return texts.columns[id as keyof typeof texts.columns]
}

export const rowName = texts.named

export function rowTitle(id: string): string {
  return texts.rowNames[id as keyof typeof texts.rowNames]
}

/** Whether it is shown with its interval in brackets. */
export function isSpread(figure: Figure): figure is Spread {
  return figure !== null && typeof figure === 'object'
}

export function figureWords(figure: Figure, { digits = 0, precision, unit }: FigureColumn): string {
  if (figure === null) return ''
  if (typeof figure === 'string') return figure
  if (isSpread(figure)) return timesText(figure, digits)
  const text = precision === undefined ? decimal(figure, digits) : significant(figure, precision)
  return unit === undefined ? text : `${text}${unit === '%' ? ' %' : unit}`
}
