/**
 * Every text that a person reads. One language is loaded before the page itself is (`main.tsx`), so that modules may take
 * their part at once: `const texts = strings.ask`. Another language is another folder in `texts/` of the same shape: what is
 * missing there, the type check finds.
 */
import type { texts } from './texts/en'

/** The same keys and parameters, with any words. */
type Translated<T> = T extends (...values: infer Values) => string
  ? (...values: Values) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Translated<T[Key]> }

export type Texts = Translated<typeof texts>

export const LANGUAGES = { en: 'English', zh: '简体中文' } as const
export type Language = keyof typeof LANGUAGES
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-US', zh: 'zh-CN' }

export let strings: Texts
export let language: Language

/** For dates, numbers and orders of names; English until a language is loaded. */
export function locale(): string {
  return LOCALES[language ?? 'en']
}

export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && value in LANGUAGES
}

/** Before anything that takes a text is imported. */
export async function loadStrings(wanted: Language): Promise<void> {
  const { texts } = wanted === 'zh' ? await import('./texts/zh') : await import('./texts/en')
  strings = texts
  language = wanted
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en'
}

/** What the system speaks, where nothing was chosen. */
export function systemLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
