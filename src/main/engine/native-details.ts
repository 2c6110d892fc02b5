/**
 * The native part says what is wrong with a model file in sentences of its own (`native/engine/gguf_file.cpp`,
 * `model_config.cpp`); the most usual ones are made data here, so that a window can say them in its language. What does not
 * fit stays the sentence that it is.
 */
import type { Detail } from '../../shared/details'
import type { ErrorData } from '../../shared/errors'

interface Reading {
  readonly sentence: RegExp
  readonly detail: (...parts: string[]) => Detail
}

const READINGS: readonly Reading[] = [
  {
    sentence: /^Expected a model of one of the architectures (.+?), but (.+) is of (.+)\. Choose another model\.$/s,
    detail: (known = '', path = '', architecture = '') => ({ id: 'model.architecture', params: { path, architecture, known } }),
  },
  {
    sentence: /^Expected a readable model file at (.+?), but: (.+)\.$/s,
    detail: (path = '', why = '') => ({ id: 'model.unreadable', params: { path, why } }),
  },
  {
    sentence: /^Expected a GGUF file at (.+), but it does not start with "GGUF"\.$/s,
    detail: (path = '') => ({ id: 'model.no-gguf', params: { path } }),
  },
  {
    sentence: /^Expected a sound GGUF file at (.+), but (.+)\. Download the model again\.$/s,
    detail: (path = '', what = '') => ({ id: 'model.cut', params: { path, what } }),
  },
  {
    sentence: /^Expected a little-endian GGUF of version 2 or 3, but (.+) is of version (\d+)\. Convert the model anew\.$/s,
    detail: (path = '', version = '') => ({ id: 'model.version', params: { path, version } }),
  },
  {
    sentence: /^Expected a tokenizer of kind gpt2 \(byte-level BPE\) or llama \(SentencePiece\), but (.+) has (.+)\. Choose another model\.$/s,
    detail: (path = '', kind = '') => ({ id: 'model.tokenizer', params: { path, kind } }),
  },
  {
    // A path may have blanks in it; where its end cannot be told, the sentence stays as it is.
    sentence: /^Expected a model that agrees with itself, but (.+\.gguf|\S+) (.+)\.$/s,
    detail: (path = '', what = '') => ({ id: 'model.contradicts', params: { path, what } }),
  },
  {
    sentence: /^Expected (\S+ \S+) of memory for the weights of (.+), but (?:(\S+ \S+) are free|they could not be had)\. Close /s,
    detail: (needed = '', path = '', free = '') => ({ id: 'engine.memory', params: { path, needed, free: free === '' ? null : free } }),
  },
  {
    sentence: /^Expected a sound object file at (.+), but (.+); it must be set aside and built again from its text\.$/s,
    detail: (path = '', what = '') => ({ id: 'cache.damaged', params: { path, what } }),
  },
  {
    sentence: /^Expected general\.architecture in (.+), which lacks it\.$/s,
    detail: (path = '') => ({ id: 'model.no-architecture', params: { path } }),
  },
]

/** The error with its detail, where there is one of what it says; its sentence stays what it was. */
export function withDetail(error: ErrorData): ErrorData {
  if (error.detail) return error
  for (const { sentence, detail } of READINGS) {
    const parts = sentence.exec(error.message)
    if (parts) return { ...error, detail: detail(...parts.slice(1)) }
  }
  return error
}
