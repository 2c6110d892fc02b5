/** Light, dark, or as the system: kept with the other preferences, and a command each. */
import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core'
import { useMantineColorScheme } from '@mantine/core'
import { strings } from '../strings'
import { useCommands } from './commands'
import { onPreferences, preference, setPreference } from './preferences'

const PLACE = 'theme'
export const THEMES = ['light', 'dark', 'auto'] as const satisfies readonly MantineColorScheme[]

function isTheme(value: unknown): value is MantineColorScheme {
  return THEMES.some((theme) => theme === value)
}

let unsubscribe = (): void => undefined

/** Where Mantine keeps its colour scheme: the workbench's preferences, not this browser. */
export const themeManager: MantineColorSchemeManager = {
  get: (fallback) => {
    const kept = preference(PLACE)
    return isTheme(kept) ? kept : fallback
  },
  set: (value) => setPreference(PLACE, value === 'auto' ? null : value),
  // Another window on the same store may change it.
  subscribe: (onUpdate) => {
    unsubscribe()
    let known = preference(PLACE)
    unsubscribe = onPreferences(() => {
      const now = preference(PLACE)
      if (now === known) return
      known = now
      onUpdate(isTheme(now) ? now : 'auto')
    })
  },
  unsubscribe: () => unsubscribe(),
  clear: () => setPreference(PLACE, null),
}

export function useThemeCommands(): void {
  const { setColorScheme } = useMantineColorScheme()
  useCommands(
    THEMES.map((theme) => ({
      id: `theme.${theme}`,
      title: strings.settings.themeCommand(strings.settings.themes[theme]),
      run: () => setColorScheme(theme),
    })),
  )
}
