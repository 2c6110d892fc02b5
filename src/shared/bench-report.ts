/** A bench's report (`docs/bench/README.md`). What a kind does not measure is left out, never zero. */
import { z } from 'zod'

export const BENCH_KINDS = ['engine', 'shape', 'suite', 'novel', 'table1', 'codec', 'store'] as const
export type BenchKind = (typeof BENCH_KINDS)[number]

const quantiles = z.object({ p50: z.number(), p95: z.number() })
export type Quantiles = z.infer<typeof quantiles>

/** 95 % interval of a median. */
const interval = z.tuple([z.number(), z.number()]).readonly()

const quality = z.object({
  /** Questions. */
  n: z.number(),
  exactMatch: z.number(),
  f1: z.number(),
  rougeL: z.number(),
  /** KL(full || arm) over full prefill's own answer, teacher-forced, in nats; mean over the questions. */
  klMean: z.number(),
  /** Share of that answer's tokens that the arm finds likeliest, too; mean over the questions. */
  top1: z.number(),
})
export type Quality = z.infer<typeof quality>

const arm = z.object({
  name: z.string(),
  /** From the request to the first sampled token, reading and uploading caches included. */
  ttftMs: quantiles,
  /** Every one of them, in the order of repetitions or questions. */
  samplesMs: z.array(z.number()).readonly().optional(),
  /** The same without the time spent at reading, checking and uploading, much of which goes on beside the computing. */
  ttftNoLoadMs: quantiles.optional(),
  /** That time's share of TTFT, median. */
  loadShare: z.number().optional(),
  /** Median over the repetitions of full prefill's TTFT divided by this arm's, measured side by side. */
  ratioToFull: z.number(),
  ratioInterval: interval,
  /** The same for the arm `resident`, if it took part: 1 is the ceiling. */
  ratioToResident: z.number().optional(),
  residentInterval: interval.optional(),
  /** Means. `recomputed`: of the reused tokens, those that were computed again. */
  tokens: z
    .object({
      knowledge: z.number(),
      question: z.number(),
      reused: z.number(),
      recomputed: z.number().optional(),
      computed: z.number(),
    })
    .optional(),
  /** Tokens of the prompt per second until the first token, median. */
  tokensPerSecond: z.number().optional(),
  bytesRead: z.number().optional(),
  /** Of all threads until the first token, median. */
  cpuMs: z.number().optional(),
  /** Reused knowledge tokens over all of them. */
  hitRate: z.number().optional(),
  ...quality.partial().shape,
  byType: z.record(z.string(), quality).optional(),
  byTag: z.record(z.string(), quality).optional(),
  /** Of `auto`: how many questions by which strategy. */
  chosen: z.record(z.string(), z.number()).optional(),
})
export type ArmReport = z.infer<typeof arm>

/** Tokens per second; `ratio` is the median over the pairs of kvasir / libllama. */
const comparison = z.object({ kvasir: z.number(), libllama: z.number(), ratio: z.number(), ratioInterval: interval })
export type Comparison = z.infer<typeof comparison>

const suite = z.object({
  /** The file's name. */
  file: z.string(),
  /** SHA-256 of it. */
  digest: z.string(),
  /** Only those with this tag were asked. */
  tag: z.string().optional(),
  questions: z.number(),
  documents: z.number(),
  /** Of an answer at most. */
  maxTokens: z.number(),
  /** Whether caches behind a selection's gaps were there, as from its second question on. */
  tails: z.boolean(),
})

const novelArm = z.object({
  name: z.string(),
  blocks: z.array(
    z.object({
      /** Number of the block's first and last query, from 1. */
      from: z.number(),
      to: z.number(),
      /** Reused knowledge tokens over all of them. */
      hitRate: z.number(),
      lowestHitRate: z.number(),
      ttftMs: z.number(),
      /** Full prefill of one of the block's queries divided by this arm's median. */
      ratioToFull: z.number(),
    }),
  ),
  firstMs: z.number(),
  lastMs: z.number(),
  /** Median TTFT of the last block over that of the first. */
  decay: z.number(),
})

const novel = z.object({
  queries: z.number(),
  documents: z.number(),
  perQuery: z.number(),
  documentTokens: z.number(),
  questionTokens: z.number(),
  /** Queries in a block. */
  block: z.number(),
  arms: z.array(novelArm),
})
export type NovelReport = z.infer<typeof novel>

const table1 = z.object({
  prices: z.object({
    /** Of the machine. */
    perHour: z.number(),
    /** Of storage. */
    perGbMonth: z.number(),
    /** Share one month's storage. */
    requestsPerMonth: z.number(),
  }),
  /** Multiply-adds count twice; of the prefill that the estimate rests on. */
  flopsPerSecond: z.number(),
  epochs: z.number(),
  rows: z.array(
    z.object({
      name: z.string(),
      /** Whether the time to inject was worked out rather than measured. */
      isEstimate: z.boolean(),
      how: z.string(),
      /** Until the knowledge can be used. */
      injectSeconds: z.number(),
      costPerRequest: z.number(),
      responseSeconds: z.number(),
      storedBytes: z.number(),
    }),
  ),
})
export type Table1Report = z.infer<typeof table1>

const codecRow = z.object({
  /** Name of the form. */
  profile: z.string(),
  /** Whether it is somebody else's, for comparison. */
  peer: z.boolean(),
  /** f16 bytes of all layers over the files' bytes, with everything in them. */
  ratioToF16: z.number(),
  bitsPerElement: z.number(),
  bytesPerChunk: z.number(),
  /** Of what all caches of the form share. */
  sharedBytes: z.number(),
  exactMatch: z.number().optional(),
  /** KL(f16 || form) over the answer from f16 caches, teacher-forced, in nats; mean over the questions. */
  klMean: z.number().optional(),
  top1: z.number().optional(),
  /** Of f16 K/V per second, all layers counted. */
  encodeMBps: z.number().optional(),
  decodeMBps: z.number().optional(),
  /** Reading, checking, decoding and uploading, of the time of a query by `blend:0.15`, median. */
  loadShare: z.number().optional(),
  /** TTFT of `reuse:bos` from the files, and from engine memory that a query before has filled; medians. */
  reuseMs: z.number().optional(),
  reuseFromMemoryMs: z.number().optional(),
})
export type CodecRow = z.infer<typeof codecRow>

const store = z.object({
  caches: z.number(),
  bytes: z.number(),
  /** Opening the store and looking up the caches of one question. */
  startMs: z.number(),
  /** Opening the files of 20 caches, with the look at their sizes, and giving them back. */
  openMs: quantiles,
  /** A page of 100 caches of one set. */
  pageMs: quantiles,
  /** The 100 caches used last. */
  recentMs: quantiles,
  /** Looking for what crashes left behind. */
  collectMs: z.number(),
  /** Of the process, from a tenth of the queries to their end, as a part of what it was. */
  memoryGrowth: z.number(),
})
export type StoreReport = z.infer<typeof store>

export const benchReport = z.object({
  kvasir: z.string(),
  createdAt: z.iso.datetime(),
  command: z.string(),
  /** What was asked for, as it was given. */
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Of the process that finished it, and how many measurements that made. */
  took: z.object({ seconds: z.number(), measurements: z.number() }).optional(),
  kind: z.enum(BENCH_KINDS),
  machine: z.object({ cpu: z.string(), threads: z.number(), device: z.string(), memoryGiB: z.number() }),
  model: z.object({
    name: z.string(),
    fingerprint: z.string(),
    architecture: z.string(),
    parameters: z.number(),
    layers: z.number().optional(),
    quantization: z.string(),
    kvBytesPerToken: z.number(),
  }),
  libraries: z.object({ ggml: z.string(), llama: z.string() }),
  repetitions: z.number(),
  /** Those in which `full` and `libllama` took part, where not in all. */
  baselines: z.number().optional(),
  /** Processes that measured, where an interrupted run went on in another. */
  runs: z.number().optional(),
  /** Tokens, and tokens of a chunk. */
  shape: z.object({ knowledge: z.number(), question: z.number(), chunk: z.number() }).optional(),
  arms: z.array(arm),
  engine: z.object({ prefill: comparison, decode: comparison }).optional(),
  suite: suite.optional(),
  novel: novel.optional(),
  table1: table1.optional(),
  codec: z.array(codecRow).optional(),
  store: store.optional(),
})
export type BenchReport = z.infer<typeof benchReport>
