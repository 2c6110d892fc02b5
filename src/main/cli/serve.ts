import type { Command } from 'commander'
import { once } from 'node:events'
import { version } from '../../../package.json'
import { CrashReports, crashOf } from '../base/crash-reports'
import { ensureFirstSample } from '../rpc/first-sample'
import { startServer } from '../rpc/http-server'
import { announce } from '../rpc/serving'
import { wholeBetween } from './ask'
import type { Run } from './run'

interface ServeOptions {
  readonly port: number
  readonly host: string
}

const EXAMPLES = `
Examples:
  kvasir serve
  kvasir serve --port 8080                 the same port every time; the token changes
  ssh -L 8080:127.0.0.1:8080 gpu-machine   then open the printed address here

The address carries a token: whoever has it can read and change everything in the workbench. While it runs, the data folder
holds it in a file that only you can read: "kvasir jobs" finds the workbench there.`

/** The page comes first: reading the sample wants the same cores. */
const SAMPLE_AFTER_MS = 1000

/** `kvasir serve` */
export function addServeCommand(program: Command, run: Run): void {
  program
    .command('serve')
    .option('--port <n>', 'port to listen on (0: any free one)', wholeBetween(0, 65_535), 0)
    .option('--host <address>', 'address to listen on; any but 127.0.0.1 can be reached by others', '127.0.0.1')
    .description('the workbench in a browser')
    .addHelpText('after', EXAMPLES)
    .action(
      run(async ({ workbench, output, signal }, { port, host }: ServeOptions) => {
        if (host !== '127.0.0.1' && host !== 'localhost' && host !== '::1') {
          output.remark(`Other machines can reach ${host}, unencrypted: only in a network that you trust.`)
        }
        const crashes = new CrashReports(workbench.dataDir, version)
        const onCrash = (error: unknown): void => void crashes.write(crashOf('serve', error))
        process.on('uncaughtExceptionMonitor', onCrash)
        await using server = await startServer(workbench, { port, host, crashes })
        // So that `kvasir jobs` finds it.
        await using _ = await announce(workbench.dataDir, server, host)
        // What an earlier one left unfinished goes on.
        await workbench.jobs.takeUp()
        const sample = setTimeout(() => ensureFirstSample(workbench), SAMPLE_AFTER_MS)
        output.result({ url: server.url, port: server.port })
        output.line(`Kvasir is at ${output.paint.bold(server.url)}`)
        output.remark('Ctrl-C ends it.')
        if (!signal.aborted) await once(signal, 'abort')
        clearTimeout(sample)
        output.remark('Closing.')
        process.off('uncaughtExceptionMonitor', onCrash)
      }),
    )
}
