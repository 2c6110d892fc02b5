import { resolve } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { PROFILES, type CodedPoint, type Profile, type ProfileCalibration } from '../../shared/profile'
import { writeDurably } from '../base/durable-files'
import { curveSvg } from '../session/profiles/curve'
import { wholeBetween } from './ask'
import { bytes, percent } from './figures'
import { followJob } from './follow-job'
import type { Run } from './run'
import { numbers, table } from './table'

interface CalibrateOptions {
  readonly set?: string
  readonly questions?: number
  readonly high?: number
  readonly medium?: number
  readonly small?: number
  readonly curve?: boolean
}

const HELP = `
Codebooks are learnt from some documents and tried with questions about others, over caches coded by them beside the f16 ones:
KL is how far the model's next-token probabilities move along its own answer (nats), top-1 the share of that answer's tokens
that stay the likeliest. Steps are finer where an error costs more. Where a profile costs more than 0.005 (high), 0.02 (medium) or 0.06
(small) at its bits, it takes more, unless you ask for the bits. Without --set the sample's documents are used: give a set
of yours where its text is of another kind. Profiles of an earlier calibration are replaced; their caches stay readable.

Examples:
  kvasir store calibrate demo
  kvasir store calibrate llama-3.2-1b-q4_0 --set Handbook --small 0.7
  kvasir store profiles demo --out curve.svg
  kvasir build Handbook --profile small`

/** `kvasir store calibrate | profiles` */
export function addProfilesCommands(store: Command, run: Run): void {
  store
    .command('calibrate')
    .argument('<model>', "a model's id")
    .option('--set <set>', 'learn from this set (default: the sample)')
    .option('--questions <n>', 'how many questions (default: 24)', wholeBetween(2, 200))
    .option('--high <bits>', 'bits per element of the profile high (default: 2.25; f16 has 16)', bitsOf)
    .option('--medium <bits>', 'of medium (default: 1.4)', bitsOf)
    .option('--small <bits>', 'of small (default: 0.75)', bitsOf)
    .description("find a model's profiles: smaller caches, and what each changes in its answers")
    .addHelpText('after', HELP)
    .action(
      run(async (session, id: string, { set, questions, high, medium, small }: CalibrateOptions) => {
        const { workbench, output } = session
        const options = { set, questions, bits: { high, medium, small } }
        const job = await followJob(session, await workbench.store.calibrate(id, options))
        const profiles = await workbench.store.profiles(id)
        output.result({ job, model: id, profiles })
        if (!profiles) return
        output.line(profilesTable(profiles))
        output.line(`\nEverything tried:\n${curveTable(profiles.curve)}`)
      }),
    )

  store
    .command('profiles')
    .argument('<model>', "a model's id")
    .option('--curve', 'also show everything that was tried')
    .option('--out <file.svg>', 'draw that, size against what it changes', svgFile)
    .description("show a model's profiles")
    .action(
      run(async ({ workbench, output }, id: string, { curve, out }: { curve?: boolean; out?: string }) => {
        const profiles = await workbench.store.profiles(id)
        output.result({ model: id, profiles })
        if (!profiles) return output.line(`Not calibrated yet: kvasir store calibrate ${id}`)
        output.line(profilesTable(profiles))
        if (curve) output.line(`\n${curveTable(profiles.curve)}`)
        if (out === undefined) return
        await writeDurably(out, curveSvg(profiles, id))
        output.remark(`Drawn in ${out}.`)
      }),
    )
}

function profilesTable({ profiles }: ProfileCalibration): string {
  return table(
    ['profile', numbers('smaller'), numbers('bits'), numbers('KL'), numbers('top-1'), 'by', numbers('codebook')],
    profiles.map((each) => [each.profile, ...pointRow(each), bytes(each.codebookBytes)]),
  )
}

function curveTable(curve: readonly CodedPoint[]): string {
  return table([numbers('smaller'), numbers('bits'), numbers('KL'), numbers('top-1'), 'by'], curve.map(pointRow))
}

function pointRow({ ratio, bitsPerElement, klMean, top1, basis }: CodedPoint): string[] {
  return [
    `${ratio.toFixed(1)}x`, bitsPerElement.toFixed(2), klMean.toFixed(4), percent(top1), basis ? 'components' : 'channels',
  ]
}

/** For options that name any profile. */
export function profileOf(text: string): Profile {
  const found = PROFILES.find((each) => each === text)
  if (found) return found
  throw new InvalidArgumentError(`Expected one of ${PROFILES.join(', ')}.`)
}

function svgFile(text: string): string {
  if (/\.svg$/i.test(text)) return resolve(text)
  throw new InvalidArgumentError('Expected the name of an .svg file.')
}

function bitsOf(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0.05 && value <= 12) return value
  throw new InvalidArgumentError('Expected bits per element, from 0.05 to 12.')
}
