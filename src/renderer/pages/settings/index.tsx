/** How the window looks and speaks, and which keys do what. */
import './settings.css'
import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { switchLanguage } from '../../shell/language'
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

function LanguageChoice() {
  return (
    <SegmentedControl<Language>
      aria-label={texts.language}
      value={language}
      onChange={switchLanguage}
      data={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
    />
  )
}
