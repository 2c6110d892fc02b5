/** Every command with its keys: pressed anew to change them, taken away, or set back. */
import { useEffect, useState } from 'react'
import { commands, knownCommands, type Command } from '../../shell/commands'
import { forgetAllKeys, isBare, keysOf, keysOfEvent, setKeys, shownKeys } from '../../shell/keys'
import { usePreference } from '../../shell/preferences'
import { strings } from '../../strings'
import { useStore } from '../../ui/store'

const texts = strings.settings

export function KeyMap() {
  useStore(commands, ({ lists }) => lists)
  const [own] = usePreference('keys', {})
  const [recording, setRecording] = useState<string | null>(null)
  const all = knownCommands().toSorted((a, b) => a.title.localeCompare(b.title))
  return (
    <section aria-label={texts.keys}>
      <div className="line" style={{ marginTop: 16 }}>
        <h3 style={{ margin: 0 }}>{texts.keys}</h3>
        <span className="dim">{texts.keysHint}</span>
        {Object.keys(own).length > 0 && (
          <button type="button" className="link push" onClick={forgetAllKeys}>
            {texts.forgetAll}
          </button>
        )}
      </div>
      <table className="key-map">
        <thead>
          <tr>
            <th scope="col">{texts.command}</th>
            <th scope="col">{texts.keysColumn}</th>
            <th scope="col">
              <span className="hidden-text">{texts.change}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((command) => (
            <Row
              key={command.id}
              command={command}
              all={all}
              isOwn={command.id in own}
              recording={recording === command.id}
              onRecord={setRecording}
            />
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface RowProps {
  readonly command: Command
  readonly all: readonly Command[]
  readonly isOwn: boolean
  readonly recording: boolean
  readonly onRecord: (id: string | null) => void
}

function Row({ command, all, isOwn, recording, onRecord }: RowProps) {
  const keys = keysOf(command)
  const rivals = keys === null ? [] : all.filter((other) => other !== command && keysOf(other) === keys)
  return (
    <tr>
      <th scope="row">{command.title}</th>
      <td>
        {recording ? (
          <Recorder command={command} onDone={() => onRecord(null)} />
        ) : (
          <>
            {keys === null ? <span className="dim">{texts.none}</span> : <kbd className="keys">{shownKeys(keys)}</kbd>}
            {rivals.length > 0 && (
              <span className="wrong"> {texts.alsoOf(strings.joins.list(rivals.map(({ title }) => title)))}</span>
            )}
          </>
        )}
      </td>
      <td>
        <button type="button" className="link" aria-label={texts.changeOf(command.title)} onClick={() => onRecord(command.id)}>
          {texts.change}
        </button>{' '}
        {keys !== null && (
          <button
            type="button"
            className="link"
            aria-label={texts.removeOf(command.title)}
            onClick={() => setKeys(command.id, command.keys === undefined ? undefined : null)}
          >
            {texts.remove}
          </button>
        )}{' '}
        {isOwn && (
          <button
            type="button"
            className="link"
            aria-label={texts.resetOf(command.title)}
            onClick={() => setKeys(command.id, undefined)}
          >
            {texts.reset}
          </button>
        )}
      </td>
    </tr>
  )
}

/** Takes the next keys that are pressed; Esc leaves things as they are. */
function Recorder({ command, onDone }: { readonly command: Command; readonly onDone: () => void }) {
  const [refused, setRefused] = useState<string | null>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      event.preventDefault()
      event.stopPropagation()
      const keys = keysOfEvent(event)
      if (keys === null) return
      if (keys === 'Escape') return onDone()
      // Bare keys would be pressed by mistake, and belong to lists and texts.
      if (isBare(keys)) return setRefused(shownKeys(keys))
      setKeys(command.id, keys)
      onDone()
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [command.id, onDone])
  return (
    <span role="status" className={refused ? 'wrong' : 'even'}>
      {refused ? texts.needsModifier(refused) : texts.press}
    </span>
  )
}
