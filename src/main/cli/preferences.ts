import type { Command } from 'commander'
import { WorkbenchError } from '../../shared/errors'
import { preferenceName, preferenceValue, type Json } from '../../shared/preferences'
import type { Run } from './run'
import { shortened, table } from './table'

const EXAMPLES = `
Examples:
  kvasir preferences                        what is set
  kvasir preferences language zh            the window's language: en, zh
  kvasir preferences theme dark             light, dark or auto
  kvasir preferences theme --forget         as it was before it was set`

/** `kvasir preferences [NAME [VALUE]]` */
export function addPreferencesCommand(program: Command, run: Run): void {
  program
    .command('preferences')
    .argument('[name]', 'of one preference')
    .argument('[value]', 'JSON, or a plain word')
    .option('--forget', 'forget it')
    .description('show and change what is set in the window')
    .addHelpText('after', EXAMPLES)
    .action(
      run(async ({ workbench, output }, name: string | undefined, value: string | undefined, { forget }: { forget?: true }) => {
        if (name !== undefined && (value !== undefined || forget)) {
          workbench.preferences.set(nameOf(name), forget ? null : valueOf(value ?? ''))
        }
        const all = Object.entries(workbench.preferences.all()).filter(([each]) => name === undefined || each === name)
        output.result(Object.fromEntries(all))
        if (all.length > 0) output.line(table(['name', 'value'], all.map(([each, kept]) => [each, shown(kept)])))
        else output.line(name === undefined ? 'Nothing is set.' : `"${name}" is not set.`)
      }),
    )
}

function nameOf(given: string): string {
  const { success, data, error } = preferenceName.safeParse(given)
  if (!success) throw new WorkbenchError('argument.invalid', `${error.issues[0]?.message ?? 'Expected a name'} but got ${given}.`)
  return data
}

/** `dark` is a word, `"dark"`, `3` and `{"a":1}` are JSON. */
function valueOf(given: string): Json {
  try {
    return preferenceValue.parse(JSON.parse(given))
  } catch (error) {
    if (error instanceof SyntaxError) return given
    throw error
  }
}

const WIDTH = 60

function shown(value: Json): string {
  return shortened(JSON.stringify(value), WIDTH)
}
