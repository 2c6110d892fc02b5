import { expect, test } from 'vitest'
import { toSvg } from '../../src/main/bench/chart'
import type { ArmReport, BenchReport } from '../../src/shared/bench-report'

const arm = (name: string, recomputed: number, exactMatch?: number): ArmReport => ({
  name,
  ttftMs: { p50: 1, p95: 1 },
  ratioToFull: 1,
  ratioInterval: [1, 1],
  tokens: { knowledge: 100, question: 10, reused: 100, recomputed, computed: 10 + recomputed },
  ...(exactMatch !== undefined && { exactMatch }),
})

const report = {
  kind: 'suite',
  model: { name: 'a<b' },
  suite: { file: 's.jsonl', questions: 7 },
  arms: [
    { ...arm('full', 0, 0.9), tokens: { knowledge: 100, question: 10, reused: 0, computed: 110 } },
    arm('libllama', 0),
    arm('reuse:bos', 0, 0.6),
    arm('mix:4+0.2', 20, 0.9),
    arm('mix:8+0.2', 20, 0.9),
    arm('random:0.2:bos', 20, 0.62),
    arm('blend:0.2:layer=2:bos', 20, 0.85),
    arm('blend:0.1:layer=2:bos', 10, 0.7),
  ],
} as unknown as BenchReport

test('a line per way to choose tokens, its ratios in order, controls last and dashed; a colour per strategy', () => {
  const svg = toSvg(report) ?? ''
  const legend = [...svg.matchAll(/<text x="670"[^>]*>([^<]*)</g)].map(([, name]) => name)
  expect(legend).toEqual(['reuse:bos', 'mix', 'blend:bos', 'random:bos (control)'])
  // 0 to 20 % from 62 to 610, 60 to 90 % from 424 up to 52: worked out by hand.
  const lines = [...svg.matchAll(/<polyline points="([^"]*)" fill="none" stroke="[^"]*" stroke-width="1.6"( stroke-dasharray)?/g)]
  expect(lines.slice(0, 5).map(([, points, dashes]) => [points, dashes !== undefined])).toEqual([
    ['62,424', false],
    ['610,52', false],
    ['610,52', false],
    ['336,300 610,114', false],
    ['610,399.2', true],
  ])
  expect([...svg.matchAll(/<circle [^>]*><title>([^<]*)</g)].map(([, name]) => name)).toEqual([
    'reuse:bos: 60 %',
    'mix:4+0.2: 90 %',
    'mix:8+0.2: 90 %',
    'blend:0.1:layer=2:bos: 70 %',
    'blend:0.2:layer=2:bos: 85 %',
    'random:0.2:bos: 62 %',
  ])
  expect(svg).toContain('full: 90</text>')
  expect(svg).toContain('<title>a&lt;b: right answers against tokens computed, 7 questions of s.jsonl</title>')
})

test('full prefill alone is a line, and what was not in a cache counts as computed', () => {
  expect(toSvg({ ...report, arms: report.arms.slice(0, 1) })).toContain('full: 90</text>')
  const missed = { ...arm('reuse', 0, 0.9), tokens: { knowledge: 100, question: 10, reused: 60, computed: 50 } }
  expect(toSvg({ ...report, arms: [...report.arms.slice(0, 1), missed] })).toContain('points="610,')
})

test('nothing where nothing was answered', () => {
  expect(toSvg({ ...report, arms: [arm('full', 0), arm('reuse', 0)] })).toBeNull()
})

test('a long legend makes the picture higher, isolated chunks have hollow dots', () => {
  const names = ['reuse', 'link:4', 'score:0.1', 'mix:4+0.1', 'blend:0.1', 'oracle:0.1', 'random:0.1']
  const arms = [...names, ...names.map((name) => `${name}:bos`)].map((name) => arm(name, 10, 0.8))
  const svg = toSvg({ ...report, arms: [...report.arms.slice(0, 1), ...arms] }) ?? ''
  expect(svg.match(/<text x="670"/g)).toHaveLength(14)
  const lowest = Math.max(...[...svg.matchAll(/<text x="670" y="(\d+)"/g)].map(([, at]) => Number(at)))
  expect(Number(/height="(\d+)"/.exec(svg)?.[1])).toBeGreaterThan(lowest)
  // A dot per arm, two in the legend.
  expect(svg.match(/class="hollow"/g)).toHaveLength(7 + 14)
})
