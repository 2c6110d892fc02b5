/**
 * Four short documents, each with a number in its last sentence. Every sentence names its subject, so that a chunk read
 * alone holds its fact whole; the words are such that the bundled demo model knows them.
 */
import { sha256 } from '../../base/hash'

export interface Needle {
  /** In reading order; the number of the fact is the only thing that differs between the two. */
  readonly planted: readonly string[]
  readonly other: readonly string[]
  readonly question: string
  readonly code: string
}

const PLACES = [
  {
    before: 'Project Falcon takes place in Lima. Project Falcon is due in October. Project Falcon is led by Ada Tanaka.',
    fact: (code: string) => `Project Falcon has a budget of ${code} thousand euros.`,
    question: 'What is the budget of Project Falcon?',
  },
  {
    before: 'Nimbus is based in Dublin. Nimbus has a red logo. Nimbus is run by Helen Weber.',
    fact: (code: string) => `Nimbus has ${code} people.`,
    question: 'How many people work at Nimbus?',
  },
  {
    before: 'Peter Stone lives in Paris. Peter Stone works as a pilot. Peter Stone plays the cello.',
    fact: (code: string) => `Peter Stone sits in room ${code}.`,
    question: 'In which room is Peter Stone?',
  },
  {
    before: 'Device Kappa is made in Oslo. Device Kappa comes in silver.',
    fact: (code: string) => `Device Kappa weighs ${code} grams.`,
    question: 'How much does Device Kappa weigh?',
  },
]

/** Numbers of two digits, drawn by lot from `seed`, all different: the same in every check of a model. */
export function drawCodes(seed: string, count: number): string[] {
  const codes: string[] = []
  for (let draw = 0; codes.length < count; draw++) {
    const code = String(10 + (Number.parseInt(sha256(`${seed} ${draw}`).slice(0, 8), 16) % 80))
    if (!codes.includes(code)) codes.push(code)
  }
  return codes
}

/** One needle for each document: asked for, and with another number in its place. */
export function needles(seed: string): Needle[] {
  const codes = drawCodes(seed, 2 * PLACES.length)
  const planted = PLACES.map(({ before, fact }, at) => `${before} ${fact(codes[at] ?? '')}\n\n`)
  return PLACES.map(({ before, fact, question }, at) => ({
    planted,
    other: planted.with(at, `${before} ${fact(codes[PLACES.length + at] ?? '')}\n\n`),
    question,
    code: codes[at] ?? '',
  }))
}
