/** What other windows and programs change is read again: two windows on one store show the same. */
import { useEffect } from 'react'
import { client, queryClient } from '../rpc/client'
import { readPreferences } from './preferences'

export function useChanges(): void {
  useEffect(() => {
    const subscription = client.store.changes.subscribe(undefined, {
      onData: ({ what }) => {
        void readPreferences({ again: true }).catch(() => undefined)
        if (what === 'anything') void queryClient.invalidateQueries()
      },
      // The workbench is closing; with the connection comes a new subscription.
      onError: () => undefined,
    })
    return () => subscription.unsubscribe()
  }, [])
}
