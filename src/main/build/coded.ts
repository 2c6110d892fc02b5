/** Caches coded anew in another profile, from f16. */
import type { CodebookFile } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { Profile } from '../../shared/profile'
import type { Engine } from '../engine/engine'
import { F16, type CopyForm, type WrittenObject } from '../store/copies'
import { isObjectFault, type Store } from '../store/store'
import { setAsideDamaged } from './set-aside'

/** Files told to the engine in one call: cancelling is heard between two of them. */
const AT_ONCE = 64

/** How a model's caches are kept in a profile. @throws argument.invalid where it has not been calibrated */
export function formOf(store: Store, model: { readonly id: string; readonly fingerprint: string }, profile: Profile): CopyForm {
  if (profile === 'f16') return F16
  const facts = store.codebooks.current(model.fingerprint, profile)
  if (facts) return { profile, codebook: facts.codebook, temporary: false }
  throw new WorkbenchError(
    'argument.invalid',
    { id: 'profile.uncalibrated', params: { model: model.id, profile } },
  )
}

export interface CodeInput {
  readonly keys: readonly string[]
  readonly form: CopyForm
  readonly signal?: AbortSignal
  /** Caches coded, of `total`. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface CodeResult {
  readonly coded: number
  readonly bytes: number
  /** Damaged f16 copies that were set aside. */
  readonly damaged: number
}

/**
 * Codes those of the keys that have an f16 copy and none in this form, then removes the f16 copies that were made only for
 * that. What there is in other profiles only is left alone: coding it again would add one loss to another.
 */
export async function codeMissing(
  engine: Pick<Engine, 'call'>,
  store: Store,
  { keys, form, signal, onProgress }: CodeInput,
): Promise<CodeResult> {
  // A calibration meanwhile must not take away what is being coded by.
  using _ = store.codebooks.hold(form.codebook)
  const codebook = store.codebooks.file(form.codebook)
  const wanted = uncoded(store, keys, form)
  const result = { coded: 0, bytes: 0, damaged: 0 }
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const part = await codeSome(engine, store, { keys: wanted.slice(at, at + AT_ONCE), form, codebook, signal })
    result.coded += part.coded
    result.bytes += part.bytes
    result.damaged += part.damaged
    onProgress?.(Math.min(at + AT_ONCE, wanted.length), wanted.length)
  }
  store.removeTemporary(keys, form)
  return result
}

/** With an f16 copy, without one in this form. */
function uncoded(store: Store, keys: readonly string[], { profile, codebook }: CopyForm): string[] {
  const copies = Map.groupBy(store.copies([...new Set(keys)]), ({ key }) => key)
  return [...copies].flatMap(([key, own]) => {
    const hasSource = own.some((copy) => copy.profile === 'f16')
    const isCoded = own.some((copy) => copy.profile === profile && copy.codebook === codebook)
    return hasSource && !isCoded ? [key] : []
  })
}

async function codeSome(
  engine: Pick<Engine, 'call'>,
  store: Store,
  input: CodeInput & { readonly codebook: CodebookFile },
): Promise<CodeResult> {
  const { form, codebook, signal } = input
  await using lease = await store.open(input.keys, 'f16')
  const objects = [...lease.files].map(([key, { path }]) => ({ key, path, to: store.stage() }))
  const result = { coded: 0, bytes: 0, damaged: lease.damaged.size }
  if (objects.length === 0) return result
  const stop = new AbortController()
  let failure: { readonly error: unknown } | null = null
  let work = Promise.resolve()
  const commit = async (object: (typeof objects)[number], written: WrittenObject): Promise<void> => {
    if (failure) return
    try {
      if (!(await store.commitForm(object.to, object.key, written, form))) return
      result.coded += 1
      result.bytes += written.bytes
    } catch (error) {
      failure = { error }
      stop.abort(error)
    }
  }
  try {
    await engine.call(
      'recode',
      { codebook, objects },
      {
        signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
        onEvent: ({ index, digest, bytes, ms }) => {
          const object = objects[index]
          if (object) work = work.then(() => commit(object, { digest, bytes, ms }))
        },
      },
    )
  } catch (error) {
    await work
    throwFailure(failure)
    const damaged = isObjectFault(error) ? await setAsideDamaged(engine, store, lease) : 0
    if (damaged === 0) throw error
    result.damaged += damaged
  } finally {
    await work
    for (const { to } of objects) await store.discard(to)
  }
  throwFailure(failure)
  return result
}

function throwFailure(failure: { readonly error: unknown } | null): void {
  if (failure) throw failure.error
}
