/** The language of page and menu: kept with the other preferences, and a command each. */
import { client } from '../rpc/client'
import { language, LANGUAGES, strings, type Language } from '../strings'
import { useCommands } from './commands'
import { setPreference } from './preferences'

const CHOICES = Object.keys(LANGUAGES) as Language[]

/** Modules take their texts when they are loaded, so another language is another loading; nothing else is lost by it. */
export function switchLanguage(wanted: Language): void {
  setPreference('language', wanted)
  // Written at once: the page that is loaded reads it.
  void client.preferences.set.mutate({ name: 'language', value: wanted }).then(() => location.reload())
}

export function nextLanguage(): Language {
  return CHOICES[(CHOICES.indexOf(language) + 1) % CHOICES.length] ?? 'en'
}

export function useLanguageCommands(): void {
  useCommands(
    CHOICES.filter((choice) => choice !== language).map((choice) => ({
      id: `language.${choice}`,
      title: strings.window.language(LANGUAGES[choice]),
      words: 'language 语言',
      run: () => switchLanguage(choice),
    })),
  )
}
