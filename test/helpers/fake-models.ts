/** Models of a workbench in memory: one that comes along, one that was added, others in folders of other programs. */
import { sentence, type Detail } from '../../src/shared/details'
import { WorkbenchError } from '../../src/shared/errors'
import type { Calibration, ModelVerdict, CheckName, CheckOutcome } from '../../src/shared/calibration'
import type { Discovery, FoundModel, ModelFit } from '../../src/shared/models'
import type { ProfileCalibration } from '../../src/shared/profile'
import type { ModelSummary, Workbench } from '../../src/shared/workbench'

const MB = 2 ** 20
const GB = 2 ** 30

export const DEMO: ModelSummary = {
  id: 'first',
  path: 'models/demo/demo.gguf',
  fingerprint: 'f'.repeat(64),
  addedAt: '2025-01-01T00:00:00.000Z',
  isDefault: true,
  bundled: true,
  name: 'first',
  architecture: 'llama',
  quantization: 'F32',
  parameters: 800_000,
  fileBytes: 3_200_000,
  layers: 4,
  embedding: 128,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  vocabulary: 769,
  contextLength: 512,
  kvBytesPerToken: 2048,
  chatTemplate: null,
  bosToken: null,
  eosToken: null,
  addBos: false,
  tokenizerDigest: '0'.repeat(64),
  verdict: null,
}

const MAMBA: Detail = {
  id: 'model.architecture',
  params: { path: 'mamba-130m-f16.gguf', architecture: 'mamba', known: 'llama, qwen2, qwen3' },
}

const FOUND: readonly FoundModel[] = [
  {
    path: '/home/ada/.ollama/models/blobs/sha256-74701a8c35f6c8d9a4b91f3f3497643001d63e0c7a84e085bed452548fa88d45',
    app: 'ollama',
    name: 'llama3.2:1b',
    bytes: 1321 * MB,
    known: null,
    facts: { architecture: 'llama', quantization: 'Q8_0', parameters: 1_235_814_432, contextLength: 131_072 },
    problem: null,
  },
  {
    path: '/home/ada/.lmstudio/models/unsloth/gemma-3-27b-it-GGUF/gemma-3-27b-it-Q4_K_M-00001-of-00002.gguf',
    app: 'lm-studio',
    name: 'unsloth/gemma-3-27b-it-GGUF',
    bytes: 9 * GB,
    known: null,
    facts: null,
    problem: { code: 'split', text: 'It is part 1 of 2: a model in several files is not read.' },
  },
  {
    path: '/home/ada/.cache/huggingface/hub/models--ggml-org--mamba-130m-GGUF/snapshots/6c6f/mamba-130m-f16.gguf',
    app: 'hugging-face',
    name: 'ggml-org/mamba-130m-GGUF',
    bytes: 260 * MB,
    known: null,
    facts: null,
    problem: { code: 'model.unsupported', text: sentence(MAMBA), said: MAMBA },
  },
]

const NEAR = { maxDifference: 2e-5, klMean: 1.2e-6, klMax: 4e-5, top1: 1 }
const NOISE = { most: 1e-3, layers: 2, weights: 'half' as const }

function measured(name: CheckName, result: CheckOutcome['result'], ms: number, said: Detail): CheckOutcome {
  return { name, result, detail: sentence(said), said, ms }
}

export const VERDICT: ModelVerdict = {
  passed: true,
  checks: [
    measured('parity', 'passed', 120, { id: 'check.parity', params: { tokens: 192, own: NEAR, noise: NOISE } }),
    measured('equality', 'passed', 340, { id: 'check.equal', params: { ways: [null, 1, 2] } }),
    measured('shift', 'passed', 410, { id: 'check.shift', params: { offsets: [1, 64], worst: 64, own: NEAR, noise: NOISE } }),
    measured('needle', 'skipped', 980, { id: 'check.needle-unknown', params: {} }),
  ],
  engine: '0.1.0',
  device: 'cpu',
  checkedAt: '2025-01-02T10:00:00.000Z',
}

export const CALIBRATION: Calibration = {
  set: null,
  questions: 24,
  checkLayer: 1,
  by: 'v',
  minConfidence: 0.4,
  arms: [
    { strategy: 'reuse', cost: 0.08, klMean: 0.21, top1: 0.81 },
    { strategy: 'link:16', cost: 0.17, klMean: 0.012, top1: 0.97 },
    { strategy: 'mix:4+0.15', cost: 0.29, klMean: 0.006, top1: 0.985 },
    { strategy: 'blend:0.3', cost: 0.41, klMean: 0.004, top1: 0.99 },
    { strategy: 'full', cost: 1, klMean: 0, top1: 1 },
  ],
  controls: [{ strategy: 'random:0.15', cost: 0.27, klMean: 0.11, top1: 0.88 }],
  madeAt: '2025-01-02T11:00:00.000Z',
}

const facts = { basis: true, scale: 1, codebook: 'c'.repeat(64), codebookBytes: 4096, questions: 24, madeAt: '2025-01-02T12:00:00.000Z' }
export const PROFILES: ProfileCalibration = {
  profiles: [
    { ...facts, profile: 'q8', bitsPerElement: 7.2, ratio: 2.2, klMean: 0.0001, top1: 1 },
    { ...facts, profile: 'high', bitsPerElement: 2.25, ratio: 7.1, klMean: 0.003, top1: 0.99 },
    { ...facts, profile: 'medium', bitsPerElement: 1.4, ratio: 11.2, klMean: 0.015, top1: 0.97 },
    { ...facts, profile: 'small', bitsPerElement: 0.75, ratio: 20.4, klMean: 0.055, top1: 0.93 },
  ],
  curve: [],
  weights: [],
}

export interface FakeModels {
  readonly calls: Pick<Workbench['models'], 'list' | 'add' | 'inspect' | 'discover' | 'remove' | 'setDefault' | 'fit' | 'calibration'>
  /** What a check, and the two calibrations, find. */
  readonly checked: (id: string) => void
  readonly calibrated: () => void
  readonly profiled: () => void
  readonly profiles: () => ProfileCalibration | null
}

/** @param usersOf names of the sets that a model answers in */
export function fakeModels(usersOf: (model: string) => readonly string[]): FakeModels {
  let models: ModelSummary[] = [DEMO]
  let calibration: Calibration | null = null
  let profiles: ProfileCalibration | null = null
  const find = (id: string): ModelSummary => {
    const model = models.find((each) => each.id === id)
    if (!model) throw new WorkbenchError('not-found', `Expected the name of a model, got '${id}'.`)
    return model
  }
  return {
    checked: (id) => {
      models = models.map((model) => (model.id === id ? { ...model, verdict: VERDICT } : model))
    },
    calibrated: () => {
      calibration = CALIBRATION
    },
    profiled: () => {
      profiles = PROFILES
    },
    profiles: () => profiles,
    calls: {
      list: async () => models,
      add: async (path, { name } = {}) => {
        if (!path.endsWith('.gguf') && !path.includes('/blobs/'))
          throw new WorkbenchError('model.damaged', `Expected a GGUF file at ${path}, but it does not begin like one.`)
        const known = models.find((model) => model.path === path)
        if (known) return known
        const id = (name ?? path.split('/').at(-1) ?? path).replace(/\.gguf$/, '').replaceAll(':', '-').toLowerCase()
        const added = { ...DEMO, id, path, isDefault: false, bundled: false, name: id, ...SIZES }
        models = [...models, added]
        return added
      },
      inspect: async (id) => find(id),
      discover: async (): Promise<Discovery> => ({
        models: FOUND.map((found) => ({ ...found, known: models.find(({ path }) => path === found.path)?.id ?? null })),
        places: [
          { app: 'lm-studio', path: '/home/ada/.lmstudio/models', state: 'read' },
          { app: 'ollama', path: '/home/ada/.ollama/models', state: 'read' },
          { app: 'jan', path: '/home/ada/jan/models', state: 'absent' },
          { app: 'llama.cpp', path: '/home/ada/.cache/llama.cpp', state: 'unreadable' },
          { app: 'hugging-face', path: '/home/ada/.cache/huggingface/hub', state: 'read' },
        ],
        unreadable: [{ path: '/home/ada/.cache/llama.cpp', text: 'permission denied', errno: 'EACCES' }],
        isComplete: true,
      }),
      remove: async (id) => {
        const users = usersOf(find(id).id)
        if (find(id).bundled) throw new WorkbenchError('conflict', { id: 'model.bundled', params: { id } })
        if (users.length > 0)
          throw new WorkbenchError('conflict', `${id} answers in the set ${users.map((name) => `"${name}"`).join(', ')}. Remove it first.`)
        models = models.filter((model) => model.id !== id)
        return { setsInTrash: [] }
      },
      setDefault: async (id) => {
        find(id)
        models = models.map((model) => ({ ...model, isDefault: model.id === id }))
        return find(id)
      },
      fit: async (id): Promise<ModelFit> => {
        const { fileBytes: weightBytes, kvBytesPerToken, contextLength } = find(id)
        const coded = (profiles?.profiles ?? []).map(({ profile, ratio, klMean }) => ({ profile, bytesPerToken: kvBytesPerToken / ratio, klMean }))
        const left = 6 * GB - weightBytes - 256 * MB
        return {
          weightBytes,
          kvBytesPerToken,
          contextLength,
          scratchBytes: 256 * MB,
          profiles: [{ profile: 'f16', bytesPerToken: kvBytesPerToken, klMean: 0 }, ...coded],
          memory: [
            { device: 'CUDA0', description: 'A GPU', kind: 'gpu', totalBytes: GB, freeBytes: GB / 2, tokens: weightBytes > GB / 4 ? 0 : contextLength },
            { device: 'CPU', description: 'A processor', kind: 'cpu', totalBytes: 16 * GB, freeBytes: 6 * GB, tokens: Math.min(contextLength, Math.floor(left / kvBytesPerToken)) },
          ],
        }
      },
      calibration: async () => calibration,
    },
  }
}

const SIZES = {
  quantization: 'Q8_0',
  parameters: 1_235_814_432,
  fileBytes: 1321 * MB,
  layers: 16,
  embedding: 2048,
  heads: 32,
  kvHeads: 8,
  headDim: 64,
  vocabulary: 128_256,
  contextLength: 131_072,
  kvBytesPerToken: 65_536,
}
