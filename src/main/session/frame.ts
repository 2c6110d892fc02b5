/**
 * The prompt around the knowledge: a model's chat template rendered with a placeholder where the knowledge goes, split
 * there. The text before is the *prefix* (the same for every question, so caches can stand behind it), the text after
 * is the *tail*.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import type { Turn } from '../../shared/answer'
import type { ModelFacts } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import { errorText } from '../base/error-code'
import { withTimeLimit } from '../base/time-limit'

export interface Prompt {
  readonly prefix: string
  readonly tail: string
}

export interface Frame {
  /** The prefix of every prompt. */
  readonly prefix: string
  /** @throws model.unsupported when the template cannot hold the knowledge */
  render(question: string, history?: readonly Turn[]): Prompt
}

type TemplateFacts = Pick<ModelFacts, 'name' | 'chatTemplate' | 'bosToken' | 'eosToken'>
interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** Some templates print the date of today, which would give every day other caches: it is always this one. */
const PINNED_DATE: Readonly<Record<string, string>> = {
  Y: '2024',
  y: '24',
  m: '07',
  d: '26',
  B: 'July',
  b: 'Jul',
  A: 'Friday',
  a: 'Fri',
  H: '00',
  M: '00',
  S: '00',
  '%': '%',
}
const DATE_STRING = '26 Jul 2024'
const MAX_RANGE = 100_000
/** The longest published ones have a tenth of it. */
const MAX_TEMPLATE = 256 * 1024
/** A template comes with a model from anywhere and runs in this process; sound ones take a few ms. */
const MAX_MS = 1000

/** @throws model.unsupported when the template cannot be parsed */
export function chatFrame(facts: TemplateFacts): Frame {
  const render = facts.chatTemplate === null ? plainPrompt : templatePrompt(facts, facts.chatTemplate)
  return { prefix: render('?', []).prefix, render: (question, history = []) => render(question, history) }
}

/** For models without a chat template: the knowledge, then question and answer as words. */
function plainPrompt(question: string, history: readonly Turn[]): Prompt {
  const turns = history.map(({ role, content }) =>
    role === 'user' ? `\nQuestion: ${content}\nAnswer:` : ` ${content}`,
  )
  return { prefix: '', tail: `${turns.join('')}\nQuestion: ${question}\nAnswer:` }
}

function templatePrompt(
  facts: TemplateFacts,
  template: string,
): (question: string, history: readonly Turn[]) => Prompt {
  const run = compile(facts, template)
  return (question, history) => {
    const placeholder = freePlaceholder([question, ...history.map(({ content }) => content)])
    const turns: Message[] = [...history, { role: 'user', content: question }]
    const attempts = [withSystem(turns, placeholder), inFirstQuestion(turns, placeholder)]
    let refusal = 'it leaves the text out or repeats it'
    for (const messages of attempts) {
      try {
        const [prefix, tail, ...others] = run(messages).split(placeholder)
        if (prefix !== undefined && tail !== undefined && others.length === 0) return { prefix, tail }
      } catch (error) {
        refusal = errorText(error)
      }
    }
    throw new WorkbenchError(
      'model.unsupported',
      `The chat template of ${facts.name} takes the knowledge neither as system message nor in front of the first ` +
        `question: ${refusal}. Use another model.`,
    )
  }
}

function withSystem(turns: readonly Message[], placeholder: string): Message[] {
  return [{ role: 'system', content: placeholder }, ...turns]
}

/** For templates that refuse a system role. */
function inFirstQuestion(turns: readonly Message[], placeholder: string): Message[] {
  const first = turns.findIndex(({ role }) => role === 'user')
  return turns.map((turn, index) =>
    index === first ? { ...turn, content: `${placeholder}\n\n${turn.content}` } : turn,
  )
}

/** Letters and digits only, so that no template escapes or trims it. */
function freePlaceholder(texts: readonly string[]): string {
  for (let number = 0; ; number++) {
    const placeholder = `KvasirKnowledge${number}Here`
    if (!texts.some((text) => text.includes(placeholder))) return placeholder
  }
}

function compile(facts: TemplateFacts, template: string): (messages: readonly Message[]) => string {
  try {
    if (template.length > MAX_TEMPLATE)
      throw new Error(`it has ${template.length} characters where at most ${MAX_TEMPLATE} are expected`)
    const program = withTimeLimit(
      () => parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true })),
      MAX_MS,
    )
    return (messages) =>
      withTimeLimit(() => textOf(new Interpreter(environment(facts, messages)).run(program).value), MAX_MS)
  } catch (error) {
    throw new WorkbenchError(
      'model.unsupported',
      `The chat template of ${facts.name} cannot be read: ${errorText(error)}.`,
      { cause: error },
    )
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error('it renders no text')
}

/** What a template may use. The library's own set of globals is left out because its date is today's. */
function environment({ bosToken, eosToken }: TemplateFacts, messages: readonly Message[]): Environment {
  const environment = new Environment()
  const values: Record<string, unknown> = {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    range,
    raise_exception: refuse,
    strftime_now: (format: string) => format.replace(/%(.)/g, (whole, letter: string) => PINNED_DATE[letter] ?? whole),
    date_string: DATE_STRING,
    messages,
    add_generation_prompt: true,
    bos_token: bosToken?.text ?? '',
    eos_token: eosToken?.text ?? '',
  }
  for (const [name, value] of Object.entries(values)) environment.set(name, value)
  return environment
}

function refuse(reason: string): never {
  throw new Error(reason)
}

function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  const length = Math.max(0, Math.ceil((to - from) / step))
  if (!(length <= MAX_RANGE)) throw new Error(`range() of ${length} numbers is refused`)
  return Array.from({ length }, (_, index) => from + index * step)
}
