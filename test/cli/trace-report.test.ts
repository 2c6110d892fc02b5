import { expect, test } from 'vitest'
import pico from 'picocolors'
import { traceReport } from '../../src/main/cli/trace-report'
import type { Trace } from '../../src/shared/answer'

const TRACE: Trace = {
  strategy: 'reuse',
  why: null,
  attempts: [],
  gate: null,
  model: 'm',
  device: 'cpu',
  stages: [{ name: 'first-token', startMs: 0, ms: 1, busyMs: 1 }],
  work: [],
  ttftMs: 1,
  knowledgeTokens: 0,
  questionTokens: 9,
  reusedTokens: 0,
  recomputedTokens: 0,
  computedTokens: 9,
  hitRate: null,
  bytesRead: 3_000_000,
  bytesFromMemory: 0,
  generatedTokens: 1,
  decodeTokensPerSecond: null,
  chunks: [],
  firstTokens: [],
  confidence: 0.9,
  logitsDigest: '',
}
const lineOf = (trace: Trace): string | undefined =>
  traceReport(trace, pico.createColors(false))
    .split('\n')
    .find((line) => line.startsWith('read'))

test('what came from memory is told apart from what was read', () => {
  expect(lineOf(TRACE)).toBe('read        3.0 MB')
  expect(lineOf({ ...TRACE, bytesFromMemory: 8_000_000 })).toBe('read        3.0 MB, 8.0 MB taken from memory')
})
