import type { Command } from 'commander'
import { bytes, several } from './figures'
import { followJob } from './follow-job'
import type { Run } from './run'
import { quoted, summary } from './sets'

/** `kvasir build` */
export function addBuildCommand(program: Command, run: Run): void {
  program
    .command('build')
    .argument('<set>', 'id or name')
    .description('compute the caches that are missing; Ctrl-C keeps what is done, the next build goes on from there')
    .addHelpText('after', '\nExample:\n  kvasir build Handbook')
    .action(
      run(async (session, name: string) => {
        const { workbench, output } = session
        const job = await followJob(session, await workbench.build(name))
        const set = await workbench.sets.show(name)
        const { id, documents, tokens, chunks, cachedChunks, cacheBytes } = set
        output.result({ job, set: { id, name: set.name, documents, tokens, chunks, cachedChunks, cacheBytes } })
        output.line(job.result ?? `Built ${several(cachedChunks, 'chunk')}, ${bytes(cacheBytes)}.`)
        output.remark(summary(set))
        const question = set.suggestions[0]?.question ?? 'your question'
        if (set.documents > 0) output.remark(`Next: kvasir ask ${quoted(set.name)} ${JSON.stringify(question)}`)
      }),
    )
}
