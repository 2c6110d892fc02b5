/** The command tree: global options, help, and how a run ends. */
import { Command, CommanderError } from 'commander'
import { version } from '../../../package.json'
import { addAskCommand } from './ask'
import { addBenchCommand } from './bench'
import { addBuildCommand } from './build'
import { addDemoCommand } from './demo'
import { addDocsCommands } from './docs'
import { addDoctorCommand } from './doctor'
import { exitCodeOf, printErrorObject, reportFailure, WRONG_USAGE } from './failure'
import { addHistoryCommand } from './history'
import { addHomeCommand } from './home'
import { addHitsCommand } from './hits'
import { addJobsCommands } from './jobs'
import { addModelsCommands } from './models'
import { addRaceCommands } from './race'
import { addPreferencesCommand } from './preferences'
import { bareRunner, runner, type OpenWorkbench, type Outcome, type Run, type RunBare } from './run'
import { addServeCommand } from './serve'
import { addSetsCommands } from './sets'
import { addStoreCommands } from './store'
import { addTrashCommands } from './trash'

const EXAMPLES = `
Examples:
  kvasir demo                                   see it work, with the model and the documents that come along
  kvasir models add ~/models/llama-3.2-1b.gguf  use a model of your own
  kvasir sets create Handbook                   a set of documents to ask about
  kvasir docs add Handbook ~/handbook           import documents, and folders of them
  kvasir build Handbook                         compute the documents' caches once
  kvasir ask Handbook "Who approves travel?"    answer from them
  kvasir hits Handbook                          what of them came from caches, and why not more
  kvasir serve                                  the same in a browser

Environment:
  KVASIR_DATA_DIR   where everything is kept (as --data-dir)
  KVASIR_DEBUG=1    show where an error came from
  NO_COLOR=1        no colours`

/** Runs one command line; resolves with the exit code. Nothing is thrown: failures are one line on stderr. */
export async function runCommandLine(args: readonly string[], open: OpenWorkbench): Promise<number> {
  const outcome: Outcome = { exitCode: 0 }
  const program = makeProgram(runner(open, outcome), bareRunner(outcome))
  if (args.length === 0) {
    program.outputHelp()
    return 0
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
    return outcome.exitCode
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      // What was parsed of a wrong command line says nothing about --json.
      if (args.includes('--json')) printErrorObject({ code: 'argument.invalid', message: error.message.replace(/^error: /, '') })
      return WRONG_USAGE
    }
    reportFailure(error, { json: program.opts<{ json?: boolean }>().json === true })
    return exitCodeOf(error)
  }
}

function makeProgram(run: Run, bare: RunBare): Command {
  const program = new Command('kvasir')
    .description('Knowledge caches: compute a document\'s KV cache once, answer from it ever after.')
    .option('--data-dir <folder>', 'where sets, documents and caches are kept')
    .option('--json', 'print one JSON object and nothing else on stdout')
    .option('-q, --quiet', 'no progress and no remarks')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'kvasir: ')) })
    .showHelpAfterError('Try --help behind the command.')
    .exitOverride()
    .addHelpText('after', EXAMPLES)
  addDemoCommand(program, run)
  addHomeCommand(program, run)
  addModelsCommands(program, run)
  addSetsCommands(program, run)
  addDocsCommands(program, run)
  addBuildCommand(program, run)
  addAskCommand(program, run)
  addRaceCommands(program, run)
  addHitsCommand(program, run)
  addHistoryCommand(program, run)
  addBenchCommand(program, { run, bare })
  addStoreCommands(program, run)
  addTrashCommands(program, run)
  addPreferencesCommand(program, run)
  addServeCommand(program, run)
  addJobsCommands(program, run, bare)
  addDoctorCommand(program, run)
  return program
}
