import type { Command } from 'commander'
import { findNodes } from '../documents/find-node'
import { collect } from './ask'
import { bytes, several } from './figures'
import { followJob } from './follow-job'
import { PROFILES, type Profile } from '../../shared/profile'
import { profileOf } from './profiles'
import type { Run } from './run'
import { quoted, summary } from './sets'

interface BuildOptions {
  readonly profile?: Profile
  readonly document?: readonly string[]
}

/** `kvasir build` */
export function addBuildCommand(program: Command, run: Run): void {
  program
    .command('build')
    .argument('<set>', 'id or name')
    .option('--profile <profile>', `how the caches are kept, now and later: ${PROFILES.join(', ')} (default: as before)`, profileOf)
    .option('--document <id>', 'build this document alone, by id or title (repeatable)', collect)
    .description('compute the caches that are missing; Ctrl-C keeps what is done, the next build goes on from there')
    .addHelpText('after', '\nExamples:\n  kvasir build Handbook\n  kvasir build Handbook --profile small   after "kvasir store calibrate MODEL"')
    .action(
      run(async (session, name: string, { profile, document }: BuildOptions) => {
        const { workbench, output } = session
        const documents = document && findNodes(await workbench.sets.show(name), document)
        const job = await followJob(session, await workbench.build(name, { profile, documents }))
        const set = await workbench.sets.outline(name, { limit: 0 })
        const cacheBytes = await workbench.sets.cacheBytes(name)
        const { id, tokens, chunks, cachedChunks } = set
        output.result({ job, set: { id, name: set.name, documents: set.documents, tokens, chunks, cachedChunks, cacheBytes } })
        output.line(job.result ?? `Built ${several(cachedChunks, 'chunk')}, ${bytes(cacheBytes)}.`)
        output.remark(summary({ ...set, cacheBytes }))
        const question = set.suggestions[0]?.question ?? 'your question'
        if (set.documents > 0) output.remark(`Next: kvasir ask ${quoted(set.name)} ${JSON.stringify(question)}`)
      }),
    )
}
