import { Option, type Command } from 'commander'
import { APP_NAMES, type FoundModel, type ModelFit } from '../../shared/models'
import { bytes, count } from './figures'
import type { Run } from './run'
import { numbers, pairs, shortened, table } from './table'

const NAME_WIDTH = 40

/** `kvasir models discover | remove | default | fit` */
export function addFindCommands(models: Command, run: Run): void {
  models
    .command('discover')
    .addOption(new Option('--all', 'also those that this engine does not run'))
    .description('look for models of LM Studio, Ollama, Jan, llama.cpp and the Hugging Face cache; changes nothing there')
    .action(
      run(async ({ workbench, output, signal }, { all = false }: { readonly all?: boolean }) => {
        const discovery = await workbench.models.discover({ signal })
        output.result({ discovery })
        const runs = discovery.models.filter(({ problem }) => problem === null)
        const shown = all ? discovery.models : runs
        if (shown.length > 0) output.line(foundTable(shown))
        else output.line('No models were found that this engine runs.')
        for (const { path, text } of discovery.unreadable) output.remark(`${path} cannot be read: ${text}`)
        if (!discovery.isComplete) output.remark('There is more than is looked at: add the rest by path.')
        const others = discovery.models.length - runs.length
        if (!all && others > 0) output.remark(`${count(others)} more cannot be run here; why: kvasir models discover --all`)
        const next = runs.find(({ known }) => known === null)
        if (next) output.remark(`Use one: kvasir models add ${JSON.stringify(next.path)}${next.app === 'ollama' ? ` --name ${next.name}` : ''}`)
      }),
    )

  models
    .command('remove')
    .argument('<model>', "a model's id")
    .description('forget a model; its file stays, and so do its caches')
    .action(
      run(async ({ workbench, output }, id: string) => {
        const { setsInTrash } = await workbench.models.remove(id)
        output.result({ removed: id, setsInTrash })
        output.line(`Removed ${id}. Its file stays where it is.`)
        if (setsInTrash.length > 0) {
          const names = setsInTrash.map((name) => `"${name}"`).join(', ')
          output.remark(`To restore ${names} from the trash, add it again as ${id} first: kvasir models add FILE --name ${id}`)
        }
      }),
    )

  models
    .command('default')
    .argument('<model>', "a model's id")
    .description('take this model for new sets, unless another is named')
    .action(
      run(async ({ workbench, output }, id: string) => {
        const model = await workbench.models.setDefault(id)
        output.result({ model })
        output.line(`${model.id} is taken for new sets.`)
      }),
    )

  models
    .command('fit')
    .argument('<model>', "a model's id")
    .description('how much memory it needs, and how many tokens of context fit now')
    .action(
      run(async ({ workbench, output }, id: string) => {
        const fit = await workbench.models.fit(id)
        output.result({ fit })
        output.line(fitText(fit))
      }),
    )
}

function foundTable(models: readonly FoundModel[]): string {
  const rows = models.map(({ app, name, bytes: size, facts, known, problem, path }) => [
    APP_NAMES[app],
    shortened(name, NAME_WIDTH),
    facts?.architecture ?? '-',
    facts?.quantization ?? '-',
    bytes(size),
    facts ? count(facts.contextLength) : '-',
    known === null ? (problem?.text ?? path) : `added as ${known}`,
  ])
  return table(['from', 'name', 'architecture', 'type', numbers('file'), numbers('context'), ''], rows)
}

function fitText({ weightBytes, kvBytesPerToken, contextLength, scratchBytes, profiles, memory }: ModelFit): string {
  const needs = pairs([
    ['weights', bytes(weightBytes)],
    ['KV per token', `${bytes(kvBytesPerToken)} in memory, as f16`],
    ['whole context', `${count(contextLength)} tokens: ${bytes(kvBytesPerToken * contextLength)}`],
    ['to work with', `${bytes(scratchBytes)} (estimated)`],
    ...profiles.map(({ profile, bytesPerToken }): [string, string] => [`kept as ${profile}`, `${bytes(bytesPerToken)} per token`]),
  ])
  const rows = memory.map(({ device, totalBytes, freeBytes, tokens }) => [
    device,
    bytes(totalBytes),
    bytes(freeBytes),
    tokens === 0 ? 'does not fit' : tokens >= contextLength ? 'all of it' : `${count(tokens)} tokens`,
  ])
  return `${needs}\n\n${table(['device', numbers('memory'), numbers('free now'), numbers('context that fits')], rows)}`
}
