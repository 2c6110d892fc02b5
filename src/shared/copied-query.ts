/** A question as text to paste elsewhere: a command line, curl, Python. The token is never in it. */
import { askRequest, type AskInput } from './answer'

export const COPY_FORMS = ['command', 'curl', 'python'] as const
export type CopyForm = (typeof COPY_FORMS)[number]

export interface CopiedQuery {
  readonly request: AskInput
  /** Of `kvasir serve`, without a path or a hash. */
  readonly address: string
}

/** Where the token is to be had from. */
const TOKEN_VARIABLE = 'KVASIR_TOKEN'

export function copiedQuery(form: CopyForm, { request, address }: CopiedQuery): string {
  switch (form) {
    case 'command':
      return commandOf(request)
    case 'curl':
      return curlOf(shortRequest(request), address)
    case 'python':
      return pythonOf(shortRequest(request), address)
  }
}

/** For a POSIX shell: nothing inside is read as anything but itself. */
export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** What the command line cannot say (a history) is left out: it has no option for it. */
function commandOf(input: AskInput): string {
  const { set, question, selection = {}, strategy, fidelity, profile, sampling = {}, maxTokens, stop = [], keepMissed } = input
  const option = (name: string, value: string | number | null | undefined): string[] =>
    value === undefined || value === null ? [] : [`--${name} ${shellQuoted(String(value))}`]
  return [
    // A text that begins with a dash is no option.
    `kvasir ask ${shellQuoted(set)} ${question.startsWith('-') ? '-- ' : ''}${shellQuoted(question)}`,
  ]
    .concat(
      (selection.include ?? []).flatMap((id) => option('include', id)),
      (selection.exclude ?? []).flatMap((id) => option('exclude', id)),
      option('strategy', strategy),
      strategy === 'auto' ? option('fidelity', fidelity) : [],
      option('profile', profile),
      option('temperature', sampling.temperature),
      option('top-k', sampling.topK),
      option('top-p', sampling.topP),
      option('min-p', sampling.minP),
      option('seed', sampling.seed),
      option('max-tokens', maxTokens),
      stop.flatMap((text) => option('stop', text)),
      keepMissed ? ['--keep-missed'] : [],
    )
    .join(' ')
}

/** Less what is as it would be anyway. */
function shortRequest(input: AskInput): Record<string, unknown> {
  const usual: Record<string, unknown> = askRequest.parse({ set: input.set, question: input.question })
  const asked: Record<string, unknown> = askRequest.parse(input)
  const changed = Object.entries(asked).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]))
  return { set: input.set, question: input.question, ...Object.fromEntries(changed) }
}

function curlOf(request: Record<string, unknown>, address: string): string {
  return [
    `curl -N ${shellQuoted(`${address}/v1/ask`)}`,
    `-H "Authorization: Bearer $${TOKEN_VARIABLE}"`,
    `-H 'Content-Type: application/json'`,
    `-d ${shellQuoted(JSON.stringify(request))}`,
  ].join(' \\\n  ')
}

function pythonOf(request: Record<string, unknown>, address: string): string {
  return `import json
import os
import urllib.request

request = json.loads(${pythonQuoted(JSON.stringify(request))})
call = urllib.request.Request(
    ${pythonQuoted(`${address}/v1/ask`)},
    data=json.dumps(request).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["${TOKEN_VARIABLE}"],
        "Content-Type": "application/json",
        "Accept": "application/json",
    },
)
with urllib.request.urlopen(call) as response:
    result = json.load(response)
print(result["answer"]["text"])
`
}

/** JSON's escapes are Python's, but for line ends that JSON leaves as they are and halves of characters. */
function pythonQuoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
