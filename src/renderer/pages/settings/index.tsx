/** How the window looks and speaks, and which keys do what. */
import './settings.css'
import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { setPreference } from '../../shell/preferences'
import { THEMES } from '../../shell/theme-choice'
import { language, LANGUAGES, strings, type Language } from '../../strings'
import { Workspace } from '../../ui/workspace'
import { KeyMap } from './key-map'

const texts = strings.settings

export default function SettingsPage() {
  return (
    <Workspace>
      <h2>{strings.pages.settings}</h2>
      <h3>{texts.look}</h3>
      <div className="settings-row">
        <span>{texts.theme}</span>
        <Theme />
      </div>
      <div className="settings-row">
        <span>{texts.language}</span>
        <LanguageChoice />
      </div>
      <KeyMap />
    </Workspace>
  )
}

function Theme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl<MantineColorScheme>
      aria-label={texts.theme}
      value={colorScheme}
      onChange={setColorScheme}
      data={THEMES.map((value) => ({ value, label: texts.themes[value] }))}
    />
  )
}

/** Modules take their texts when they are loaded, so another language is another loading; nothing else is lost by it. */
function LanguageChoice() {
  return (
    <SegmentedControl<Language>
      aria-label={texts.language}
      value={language}
      onChange={(value) => {
        setPreference('language', value)
        // When the workbench knows it.
        setTimeout(() => location.reload(), RELOAD_MS)
      }}
      data={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
    />
  )
}

/** Preferences are written a moment after they are set. */
const RELOAD_MS = 500
