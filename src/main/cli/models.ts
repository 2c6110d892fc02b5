import type { Command } from 'commander'
import { verdictText, type ModelVerdict } from '../../shared/calibration'
import type { ModelFacts } from '../../shared/engine'
import { addCalibrateCommand, calibrationTable } from './calibrate'
import { addCheckCommand, verdictTable, verdictWord } from './check'
import { bytes, count } from './figures'
import { addFindCommands } from './find-models'
import { makeProgress } from './progress'
import type { Run } from './run'
import { numbers, pairs, table } from './table'

/** `kvasir models add | list | inspect | check | calibrate`, and those of `find-models.ts` */
export function addModelsCommands(program: Command, run: Run): void {
  const models = program.command('models').description('the models that answer: GGUF files')

  models
    .command('add')
    .argument('<file>', 'a GGUF file; it stays where it is')
    .option('--name <name>', 'what it is called here (default: as its file)')
    .description('check a model file and remember it')
    .addHelpText('after', '\nExample:\n  kvasir models add ~/models/llama-3.2-1b-q4_0.gguf')
    .action(
      run(async ({ workbench, output, signal }, file: string, { name }: { readonly name?: string }) => {
        const progress = makeProgress(output)
        const onProgress = (done: number, total: number): void =>
          progress.show({ phase: 'Fingerprint', done: done / 1e6, total: total / 1e6, unit: 'MB' })
        try {
          const model = await workbench.models.add(file, { name, signal, onProgress })
          progress.end()
          output.result({ model })
          output.line(`Added ${output.paint.bold(model.id)}: ${described(model)}.`)
          output.remark(`Use it in a new set: kvasir sets create NAME --model ${model.id}`)
        } finally {
          progress.end()
        }
      }),
    )

  models
    .command('list')
    .description('list the models')
    .action(
      run(async ({ workbench, output }) => {
        const list = await workbench.models.list()
        output.result({ models: list })
        const chosen = list.find(({ isDefault }) => isDefault) ?? list.find(({ bundled }) => bundled)
        const rows = list.map((model) => [
          model === chosen ? `${model.id} *` : model.id,
          model.architecture,
          model.quantization,
          parameters(model.parameters),
          bytes(model.fileBytes),
          count(model.contextLength),
          bytes(model.kvBytesPerToken),
          verdictWord(model.verdict),
        ])
        output.line(
          table(
            [
              'id', 'architecture', 'type', numbers('parameters'), numbers('file'),
              numbers('context'), numbers('KV per token'), 'checked',
            ],
            rows,
          ),
        )
        for (const { id, verdict } of list) if (verdict?.passed === false) output.line(`\n${id}: ${verdictText(verdict)}`)
        output.remark('* is taken for new sets unless another is named. More: kvasir models inspect ID')
      }),
    )

  models
    .command('inspect')
    .alias('show')
    .argument('<model>', 'a model\'s id, or the path of a GGUF file')
    .description('show what a model file says about itself, and whether it passed the checks')
    .addHelpText('after', '\nExample:\n  kvasir models inspect ~/models/qwen3-0.6b.gguf')
    .action(
      run(async ({ workbench, output }, model: string) => {
        const facts = await workbench.models.inspect(model)
        const known = (await workbench.models.list()).find(({ id, path }) => id === model || path === facts.path)
        if (!known) {
          output.result({ model: facts })
          output.line(pairs(factRows(facts)))
          return
        }
        const { verdict } = known
        const calibration = await workbench.models.calibration(known.id)
        output.result({ model: { ...facts, verdict, calibration } })
        output.line(pairs([...factRows(facts), ['checked', checkedRow(known.id, verdict)]]))
        if (verdict) output.line(`\n${verdictTable(verdict)}`)
        if (calibration) output.line(`\n${calibrationTable(calibration)}`)
      }),
    )

  addCheckCommand(models, run)
  addCalibrateCommand(models, run)
  addFindCommands(models, run)
}

function checkedRow(id: string, verdict: ModelVerdict | null): string {
  if (!verdict) return `not yet: kvasir models check ${id}`
  return `${verdictWord(verdict)} on ${verdict.device}, ${verdict.checkedAt.slice(0, 10)}`
}

function factRows(facts: ModelFacts & { readonly path: string }): [string, string][] {
  const { heads, kvHeads, headDim, bosToken, eosToken, chatTemplate } = facts
  return [
    ['name', facts.name],
    ['file', `${facts.path} (${bytes(facts.fileBytes)})`],
    ['architecture', facts.architecture],
    ['type', facts.quantization],
    ['parameters', parameters(facts.parameters)],
    ['layers', count(facts.layers)],
    ['dimensions', `${count(facts.embedding)}; ${heads} heads of ${headDim}, ${kvHeads} for keys and values`],
    ['vocabulary', count(facts.vocabulary)],
    ['context', `${count(facts.contextLength)} tokens`],
    ['KV per token', `${bytes(facts.kvBytesPerToken)} as f16`],
    ['start of text', bosToken ? `${bosToken.text} (${bosToken.id})` : 'none'],
    ['end of text', eosToken ? `${eosToken.text} (${eosToken.id})` : 'none'],
    ['chat template', chatTemplate ? 'its own' : 'none: asked as "Question: … Answer:"'],
  ]
}

function described(model: ModelFacts): string {
  const { architecture, quantization, fileBytes } = model
  return `${architecture}, ${parameters(model.parameters)} parameters, ${quantization}, ${bytes(fileBytes)}`
}

function parameters(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} B`
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : count(value)
}
