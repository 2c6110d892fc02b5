/** Undo: what was done is said with a way back, by a button and by Ctrl/Cmd-Z, newest first. */
import { notifications } from '@mantine/notifications'
import { strings } from '../strings'
import { failureOf, inShort } from '../ui/failure'
import { createStore } from '../ui/store'

const texts = strings.undo
const SHOWN_MS = 10_000
/** Older ones can be undone where they are listed (trash, history), no more by key. */
const MOST = 20

interface Undoable {
  readonly id: string
  readonly text: string
  readonly undo: () => Promise<unknown>
}

export const undoable = createStore<{ readonly list: readonly Undoable[] }>({ list: [] })
let count = 0

/** Says what was done, and offers to undo it. */
export function offerUndo(text: string, undo: () => Promise<unknown>): void {
  const id = `undo${++count}`
  undoable.set({ list: [...undoable.get().list, { id, text, undo }].slice(-MOST) })
  notifications.show({
    id,
    autoClose: SHOWN_MS,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': texts.close },
    message: (
      <span className="line">
        <span className="clip" title={text}>
          <bdi>{text}</bdi>
        </span>
        <button type="button" className="link push" onClick={() => void undoOne(id)}>
          {texts.undo}
        </button>
      </span>
    ),
  })
}

/** The newest thing that can be undone. */
export async function undoLast(): Promise<void> {
  const last = undoable.get().list.at(-1)
  if (last) await undoOne(last.id)
}

async function undoOne(id: string): Promise<void> {
  const { list } = undoable.get()
  const found = list.find((each) => each.id === id)
  if (!found) return
  undoable.set({ list: list.filter((each) => each !== found) })
  notifications.hide(id)
  try {
    await found.undo()
    toast(texts.undone(found.text))
  } catch (error) {
    toast(texts.failed(inShort(failureOf(error))))
  }
}

/** A plain word that something is done. `stays`: until it is closed. */
export function toast(text: string, { stays = false }: { readonly stays?: boolean } = {}): void {
  const message = <bdi>{text}</bdi>
  notifications.show({ message, ...(stays ? { autoClose: false } : {}), closeButtonProps: { 'aria-label': texts.close } })
}
