/** What was thrown away and can be brought back. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client, trpc } from '../../rpc/client'
import { toast } from '../../shell/undo'
import { strings } from '../../strings'
import { moment } from '../../ui/dates'
import { failureOf, inShort } from '../../ui/failure'
import { bytes } from '../../ui/format'
import { Modal } from '../../ui/modal'
import { bringBack, readStoreAgain } from './actions'

const texts = strings.cleaning

export function TrashList() {
  const { data: batches = [] } = useQuery(trpc.store.trash.queryOptions())
  const [isAsking, ask] = useState(false)
  const all = batches.reduce((sum, batch) => sum + batch.bytes, 0)
  const restore = async (batch: number): Promise<void> => {
    try {
      toast(texts.restored(await bringBack(batch)))
    } catch (error) {
      toast(inShort(failureOf(error)))
    }
  }
  const empty = async (): Promise<void> => {
    ask(false)
    await client.store.emptyTrash.mutate().catch((error: unknown) => toast(inShort(failureOf(error))))
    await readStoreAgain()
  }
  return (
    <section className="chart" aria-label={texts.bin}>
      <div className="line">
        <h3>{texts.bin}</h3>
        <span className="dim">{batches.length === 0 ? texts.binEmpty : texts.binHint}</span>
        {batches.length > 0 && (
          <button type="button" className="button small push" onClick={() => ask(true)}>
            {texts.empty}
          </button>
        )}
      </div>
      <ul className="cache-batches">
        {batches.map(({ batch, copies, bytes: size, trashedAt }) => (
          <li key={batch} className="line">
            {texts.batch(copies, bytes(size), moment(trashedAt))}
            <button type="button" className="link push" onClick={() => void restore(batch)}>
              {texts.restore}
            </button>
          </li>
        ))}
      </ul>
      {isAsking && (
        <Modal title={texts.emptyTitle} onClose={() => ask(false)}>
          <p>{texts.emptyText(bytes(all))}</p>
          <div className="line" style={{ marginTop: 12 }}>
            <span className="push" />
            <button type="button" className="button" onClick={() => ask(false)}>
              {texts.cancel}
            </button>
            <button type="button" className="button primary" onClick={() => void empty()}>
              {texts.emptyNow}
            </button>
          </div>
        </Modal>
      )}
    </section>
  )
}
