/** Anything thrown at the page, as what a notice shows. */
import { TRPCClientError } from '@trpc/client'
import type { Detail } from '../../shared/details'
import type { ErrorCode, ErrorData } from '../../shared/errors'
import type { AppRouter } from '../../shared/router'
import { language, strings } from '../strings'

export interface Failure {
  readonly code: ErrorCode
  /** In English, or of the page itself and then in its language. */
  readonly text: string
  readonly detail?: Detail | undefined
  /** In place of the code's own. */
  readonly title?: string
  /** The text is the page's own. */
  readonly isTranslated?: boolean
}

export function failureOf(error: unknown): Failure {
  if (error instanceof TRPCClientError) {
    const { data, message } = error as TRPCClientError<AppRouter>
    return { code: data?.workbenchCode ?? 'internal', text: message, detail: data?.detail }
  }
  return { code: 'internal', text: error instanceof Error ? error.message : String(error) }
}

export function failureOfJob({ code, message, detail }: ErrorData): Failure {
  return { code, text: message, detail }
}

/** A detail in the page's language; null for one that it has no words for, of a workbench that is newer than the page. */
export function said(detail: Detail | null | undefined): string | null {
  if (!detail || !Object.hasOwn(strings.details, detail.id)) return null
  const say = strings.details[detail.id] as (params: Detail['params']) => string
  return say(detail.params)
}

/** What is wrong in the page's language; null where there is only English for it, and the page speaks another. */
export function wordsOf({ text, detail, isTranslated = false }: Failure): string | null {
  return said(detail) ?? (language === 'en' || isTranslated ? text : null)
}

/** In one line, for where there is no room for more: a toast, a hint. */
export function inShort(failure: Failure): string {
  const { title = strings.errorTitles[failure.code], code } = failure
  return wordsOf(failure) ?? strings.joins.sentence(title) + strings.joins.gap + strings.errorAdvice[code]
}
