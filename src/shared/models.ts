/** Model files: those that other programs keep, and what one needs of memory. */
import type { Detail } from './details'
import type { ErrorCode } from './errors'
import type { CodedProfile } from './profile'

const MODEL_APPS = ['lm-studio', 'ollama', 'jan', 'llama.cpp', 'hugging-face'] as const
/** Programs in whose folders models are looked for; nothing is changed there. */
export type ModelApp = (typeof MODEL_APPS)[number]

/** In every language. */
export const APP_NAMES: Readonly<Record<ModelApp, string>> = {
  'lm-studio': 'LM Studio',
  ollama: 'Ollama',
  jan: 'Jan',
  'llama.cpp': 'llama.cpp',
  'hugging-face': 'Hugging Face',
}

/** A model file that another program keeps. */
export interface FoundModel {
  /** To give to `add`. */
  readonly path: string
  readonly app: ModelApp
  /** As the program calls it: `llama3.2:1b`, `bartowski/Llama-3.2-1B-Instruct-GGUF`, or the file's name. */
  readonly name: string
  readonly bytes: number
  /** Id of the known model with this path; null: not added. */
  readonly known: string | null
  readonly facts: {
    readonly architecture: string
    readonly quantization: string
    readonly parameters: number
    readonly contextLength: number
  } | null
  /** Why this engine does not run it; null: it does, as far as its header says. */
  readonly problem: { readonly code: 'split' | ErrorCode; readonly text: string; readonly said?: Detail | undefined } | null
}

/** A folder that was looked into. */
export interface ModelPlace {
  readonly app: ModelApp
  readonly path: string
  readonly state: 'absent' | 'read' | 'unreadable'
}

export interface Discovery {
  readonly models: readonly FoundModel[]
  readonly places: readonly ModelPlace[]
  /** Folders and files inside of places that could not be read. */
  readonly unreadable: readonly { readonly path: string; readonly text: string; readonly errno: string }[]
  /** Whether all of it was looked at: there is a limit to files, depth and time. */
  readonly isComplete: boolean
}

/** One kind of memory, and how much of the model it holds now. */
export interface MemoryFit {
  /** Name of the device whose memory it is. */
  readonly device: string
  readonly description: string
  readonly kind: 'cpu' | 'gpu' | 'accelerator'
  readonly totalBytes: number
  /** Now; what the model itself has taken there counts as free. */
  readonly freeBytes: number
  /** Tokens of context beside the weights, at most the model's own; 0: not even the weights fit. */
  readonly tokens: number
}

export interface ModelFit {
  readonly weightBytes: number
  /** In memory, as f16. */
  readonly kvBytesPerToken: number
  readonly contextLength: number
  /** For what is computed with, beside weights and caches: an estimate. */
  readonly scratchBytes: number
  /** Of a kept cache per token and profile; coded ones once they are calibrated. */
  readonly profiles: readonly { readonly profile: 'f16' | CodedProfile; readonly bytesPerToken: number; readonly klMean: number }[]
  /** The one that is taken by itself first. */
  readonly memory: readonly MemoryFit[]
}
