/** How much room caches take, by profile, of how much they may. */
import { useState } from 'react'
import type { Profile } from '../../../shared/profile'
import type { StoreStats } from '../../../shared/upkeep'
import { client } from '../../rpc/client'
import { offerUndo, toast } from '../../shell/undo'
import { strings } from '../../strings'
import { failureOf, inShort } from '../../ui/failure'
import { bytes, count } from '../../ui/format'
import { readStoreAgain } from './actions'
import { Amount } from './clean-up'

const texts = strings.cleaning
const GB = 1e9

const SHADES: Record<Profile, string> = {
  f16: 'var(--accent)',
  q8: 'color-mix(in oklab, var(--accent) 80%, var(--panel))',
  high: 'color-mix(in oklab, var(--accent) 62%, var(--panel))',
  medium: 'color-mix(in oklab, var(--accent) 46%, var(--panel))',
  small: 'color-mix(in oklab, var(--accent) 32%, var(--panel))',
}

export function Quota({ stats }: { readonly stats: StoreStats }) {
  const { bytes: used, quota, profiles, trash } = stats
  const [typed, setTyped] = useState('')
  const whole = Math.max(quota ?? 0, used + (quota === null ? trash.bytes : 0), 1)
  const set = async (limit: number | null): Promise<void> => {
    try {
      await client.store.setQuota.mutate({ bytes: limit })
      setTyped('')
      offerUndo(limit === null ? texts.limitGone : texts.limitSet(bytes(limit)), async () => {
        await client.store.setQuota.mutate({ bytes: quota })
        await readStoreAgain()
      })
      await readStoreAgain()
    } catch (error) {
      toast(inShort(failureOf(error)))
    }
  }
  return (
    <section className="cache-quota" aria-label={texts.quota}>
      <div className="line wrap">
        <h2>{texts.quota}</h2>
        <span>{quota === null ? texts.noQuota(bytes(used)) : texts.used(bytes(used), bytes(quota))}</span>
        {trash.copies > 0 && <span className="dim">{texts.trash(bytes(trash.bytes))}</span>}
        <form
          className="line push"
          onSubmit={(event) => {
            event.preventDefault()
            if (Number(typed) > 0) void set(Math.round(Number(typed) * GB))
          }}
        >
          <Amount label={texts.limit} value={typed} step="any" onChange={setTyped} />
          <button type="submit" className="button small" disabled={!(Number(typed) > 0)}>
            {texts.setLimit}
          </button>
          {quota !== null && (
            <button type="button" className="button small" onClick={() => void set(null)}>
              {texts.noLimit}
            </button>
          )}
        </form>
      </div>
      <div className="quota-bar" aria-hidden="true">
        {profiles.map(({ profile, bytes: size }) => (
          <i key={profile} style={{ width: `${(100 * size) / whole}%`, background: SHADES[profile] }} />
        ))}
      </div>
      <ul className="line wrap quota-key">
        {profiles.map(({ profile, bytes: size, copies }) => (
          <li key={profile}>
            <i style={{ background: SHADES[profile] }} />
            {profile} <span className="dim">{strings.joins.clauses(bytes(size), `${count(copies)}×`)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
