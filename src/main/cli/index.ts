/** The `kvasir` command. Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted. */
import { openWorkbench } from '../workbench'
import { runCommandLine } from './program'

// `kvasir ask … | head` closes our output early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await runCommandLine(process.argv.slice(2), openWorkbench)
