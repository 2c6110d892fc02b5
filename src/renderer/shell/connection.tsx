/** Whether the page reaches the workbench, and what to do when it does not. */
import { connection } from '../rpc/client'
import { strings } from '../strings'
import { Empty } from '../ui/empty'
import { useStore } from '../ui/store'

export function ConnectionBanner() {
  const lost = useStore(connection, ({ state }) => state === 'lost')
  return lost ? (
    <div className="banner" role="alert">
      {strings.connection.lost}
    </div>
  ) : null
}

/** In place of the page: without the token there is nothing to show. */
export function Refused() {
  return (
    <main className="panel">
      <h1 className="hidden-text">{strings.product}</h1>
      <div role="alert">
        <Empty title={strings.connection.refusedTitle} hint={strings.connection.refused} />
      </div>
    </main>
  )
}
