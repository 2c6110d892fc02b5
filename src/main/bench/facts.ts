/** What every report says about the machine and the model. */
import { cpus, totalmem } from 'node:os'
import type { LoadedModel } from '../../shared/engine'
import type { Engine } from '../engine/engine'
import type { BenchReport } from '../../shared/bench-report'

export type ReportFacts = Pick<BenchReport, 'kvasir' | 'createdAt' | 'command' | 'machine' | 'model' | 'libraries'>

export interface FactsInput {
  /** Of Kvasir. */
  readonly version: string
  readonly command: string
  readonly model: LoadedModel
  readonly name: string
  readonly fingerprint: string
  readonly signal?: AbortSignal
}

export async function reportFacts(engine: Engine, input: FactsInput): Promise<ReportFacts> {
  const { version, command, model, name, fingerprint, signal } = input
  const { ggmlVersion, llamaVersion } = await engine.call('system', {}, { signal })
  return {
    kvasir: version,
    createdAt: new Date().toISOString(),
    command,
    machine: machineFacts(model),
    model: {
      name,
      fingerprint,
      architecture: model.architecture,
      parameters: model.parameters,
      layers: model.layers,
      quantization: model.quantization,
      kvBytesPerToken: model.kvBytesPerToken,
    },
    libraries: { ggml: ggmlVersion, llama: llamaVersion },
  }
}

export function machineFacts({ threads, device }: Pick<LoadedModel, 'threads' | 'device'>): BenchReport['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? process.arch,
    threads,
    device,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
  }
}
