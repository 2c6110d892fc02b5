/** What the workbench offers for models beyond adding them: finding, choosing, forgetting, and whether they fit. */
import { availableMemory, constrainedMemory } from 'node:process'
import { totalmem } from 'node:os'
import type { SystemInfo } from '../../shared/engine'
import { sentence, type Detail } from '../../shared/details'
import { toErrorData, WorkbenchError } from '../../shared/errors'
import type { Discovery, FoundModel, MemoryFit, ModelFit } from '../../shared/models'
import type { KnownModel, Workbench } from '../../shared/workbench'
import { throwIfCancelled } from '../base/cancelled'
import type { Removed } from '../documents/removed'
import type { Sets } from '../documents/sets'
import type { Engine } from '../engine/engine'
import { findModelFiles, type ModelFile } from '../engine/find-models'
import { modelPlaces, surroundings, type PlaceToLook } from '../engine/model-places'
import type { ModelRegistry } from '../engine/model-registry'
import type { Store } from '../store/store'

export interface ModelCareParts {
  readonly engine: Engine
  readonly store: Store
  readonly registry: ModelRegistry
  readonly sets: Sets
  readonly removed: Removed
  readonly chooseModel: (wanted: string) => Promise<KnownModel>
  /** Default: those of the machine. */
  readonly places?: readonly PlaceToLook[]
}

/** Headers that are read at once. */
const AT_ONCE = 4
/** Beside weights and caches: activations of a sub-batch, logits, copies on their way to a device. */
const SCRATCH_BYTES = 256 * 2 ** 20

type ModelCare = Pick<Workbench['models'], 'discover' | 'fit'> & {
  readonly setDefault: (id: string) => Promise<KnownModel>
  readonly remove: Workbench['models']['remove']
}

export function modelCare(parts: ModelCareParts): ModelCare {
  const { engine, store, registry, sets, removed, chooseModel } = parts
  return {
    discover: ({ signal } = {}) => discover(parts, signal),
    setDefault: async (wanted) => registry.setDefault((await chooseModel(wanted)).id),
    remove: async (wanted) => {
      const { id, bundled } = await chooseModel(wanted)
      if (bundled) throw new WorkbenchError('conflict', { id: 'model.bundled', params: { id } })
      const users = sets.list().filter(({ model }) => model === id)
      if (users.length > 0) {
        throw new WorkbenchError(
          'conflict',
          { id: 'model.in-use', params: { id, sets: users.map(({ name }) => name) } },
        )
      }
      registry.remove(id)
      const waiting = removed.sets().filter(({ model }) => model === id)
      return { setsInTrash: waiting.map(({ name }) => name) }
    },
    fit: async (wanted) => {
      const model = await chooseModel(wanted)
      const calibrated = store.codebooks.calibration(model.fingerprint)?.profiles ?? []
      const coded = calibrated.map(({ profile, ratio, klMean }) => ({ profile, bytesPerToken: model.kvBytesPerToken / ratio, klMean }))
      const needs = { weightBytes: model.fileBytes, kvBytesPerToken: model.kvBytesPerToken, contextLength: model.contextLength }
      const { loaded } = engine.status()
      const own = loaded?.tokenizerDigest === model.tokenizerDigest && loaded.fileBytes === model.fileBytes ? loaded : null
      const taken = own ? { device: own.device, bytes: own.weightBytes } : null
      return {
        ...needs,
        scratchBytes: SCRATCH_BYTES,
        profiles: [{ profile: 'f16', bytesPerToken: model.kvBytesPerToken, klMean: 0 }, ...coded],
        memory: memoryFits(await engine.call('system', {}), needs, taken),
      }
    },
  }
}

/** What the model itself has taken counts as free: it would not be taken twice. */
export function memoryFits(
  { devices }: Pick<SystemInfo, 'devices'>,
  { weightBytes, kvBytesPerToken, contextLength }: Pick<ModelFit, 'weightBytes' | 'kvBytesPerToken' | 'contextLength'>,
  taken: { readonly device: string; readonly bytes: number } | null,
): MemoryFit[] {
  const fits = devices.map(({ name: device, description, kind, ...memory }): MemoryFit => {
    const own = taken?.device.toLowerCase() === device.toLowerCase() ? taken.bytes : 0
    // In a container the machine's memory is not what may be taken.
    const totalBytes = kind === 'cpu' ? Math.min(totalmem(), constrainedMemory() || Infinity) : memory.memoryBytes
    const freeBytes = Math.min(totalBytes, (kind === 'cpu' ? availableMemory() : memory.freeBytes) + own)
    const left = freeBytes - weightBytes - SCRATCH_BYTES
    const tokens = Math.max(0, Math.min(contextLength, Math.floor(left / kvBytesPerToken)))
    return { device, description, kind, totalBytes, freeBytes, tokens }
  })
  return fits.toSorted((a, b) => Number(a.kind === 'cpu') - Number(b.kind === 'cpu'))
}

async function discover(parts: ModelCareParts, signal: AbortSignal | undefined): Promise<Discovery> {
  const { files, ...rest } = await findModelFiles(parts.places ?? modelPlaces(surroundings()), { signal })
  const models: FoundModel[] = []
  for (let at = 0; at < files.length; at += AT_ONCE) {
    throwIfCancelled(signal)
    models.push(...(await Promise.all(files.slice(at, at + AT_ONCE).map((file) => looked(parts, file)))))
  }
  return { ...rest, models }
}

async function looked({ registry }: ModelCareParts, file: ModelFile): Promise<FoundModel> {
  const known = registry.list().find(({ path }) => path === file.path)?.id ?? null
  const split = /-(\d{5})-of-(\d{5})\.gguf$/i.exec(file.path)
  if (split) {
    const said: Detail = { id: 'model.part', params: { part: Number(split[1]), parts: Number(split[2]) } }
    return { ...file, known, facts: null, problem: { code: 'split', text: sentence(said), said } }
  }
  try {
    const { architecture, quantization, parameters, contextLength } = await registry.inspect(file.path)
    return { ...file, known, facts: { architecture, quantization, parameters, contextLength }, problem: null }
  } catch (error) {
    const { code, message: text, detail: said } = toErrorData(error)
    return { ...file, known, facts: null, problem: { code, text, said } }
  }
}
