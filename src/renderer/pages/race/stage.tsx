/** For an audience: question, lanes, clocks and the ratio on the whole screen. Esc leaves. */
import { useEffect, useRef } from 'react'
import { strings } from '../../strings'
import { useStore } from '../../ui/store'
import { Ratio } from './outcome'
import { Phase } from './phase'
import { isOn, type Racing } from './racing'
import { Track } from './track'

const texts = strings.race

interface Props {
  readonly racing: Racing
  readonly onAgain: () => void
  readonly onLeave: () => void
}

/** Called by what a person does: browsers refuse it otherwise. The page fills the window at least. */
export async function fillScreen(): Promise<void> {
  const root = document.documentElement as Partial<Pick<HTMLElement, 'requestFullscreen'>>
  await root.requestFullscreen?.call(document.documentElement).catch(() => undefined)
}

export function Stage({ racing, onAgain, onLeave }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const question = useStore(racing.state, ({ request }) => request?.question ?? '')
  const comparison = useStore(racing.state, (state) => state.comparison)
  const request = useStore(racing.state, (state) => state.request)
  const on = useStore(racing.state, isOn)
  const leave = useRef(onLeave)
  useEffect(() => {
    leave.current = onLeave
  })
  useEffect(() => {
    // After the page has the screen, so that it lies above it.
    dialog.current?.showModal()
    const wasFull = document.fullscreenElement !== null
    const onChange = (): void => {
      if (wasFull && !document.fullscreenElement) leave.current()
    }
    document.addEventListener('fullscreenchange', onChange)
    return () => {
      document.removeEventListener('fullscreenchange', onChange)
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className="stage"
      aria-label={texts.title}
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
      onCancel={(event) => {
        event.preventDefault()
        onLeave()
      }}
    >
      <h2 className="stage-question">
        <bdi>{question}</bdi>
      </h2>
      <Phase racing={racing} />
      <Track racing={racing} large />
      <div className="stage-ratio">{comparison && request && <Ratio comparison={comparison} request={request} />}</div>
      <div className="line stage-actions">
        <button type="button" className="button" disabled={on} onClick={onAgain}>
          {texts.again}
        </button>
        <button type="button" className="button" onClick={onLeave}>
          {texts.leave} <kbd className="keys">Esc</kbd>
        </button>
      </div>
    </dialog>
  )
}
