/**
 * `POST /v1/ask`: the router's `ask` for people and programs without a tRPC client. Takes a request as JSON; answers with
 * the events as they come (server-sent events) or, where JSON is asked for, with `{ query, answer }` at the end.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { askRequest, type AskEvent, type AskInput } from '../../shared/answer'
import { toErrorData, WorkbenchError, type ErrorCode, type ErrorData } from '../../shared/errors'
import type { Workbench } from '../../shared/workbench'
import { MAX_ASK_BYTES } from './limits'

export const ASK_PATH = '/v1/ask'

const STATUS: Partial<Record<ErrorCode, number>> = {
  'argument.invalid': 400,
  'engine.context-too-long': 400,
  'model.gate-failed': 409,
  'not-found': 404,
  conflict: 409,
}

/** Whoever hangs up stops the engine. Origin and token have been checked. */
export async function answerAsk(workbench: Workbench, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.setHeader('cache-control', 'no-store')
  try {
    const input = await readRequest(request)
    const events = workbench.ask(input, { signal: gone.signal })
    await (wantsJson(request) ? whole(events, response) : streamed(events, response))
  } catch (error) {
    if (gone.signal.aborted) return
    const data = toErrorData(error)
    if (!response.headersSent) sendJson(response, STATUS[data.code] ?? 500, { error: data })
    else response.end(eventText('error', data))
  }
}

async function whole(events: AsyncIterable<AskEvent>, response: ServerResponse): Promise<void> {
  for await (const event of events)
    if (event.type === 'answer') sendJson(response, 200, { query: event.query, answer: event.answer })
}

async function streamed(events: AsyncIterable<AskEvent>, response: ServerResponse): Promise<void> {
  for await (const event of events) {
    // With the first event, so that what is refused before it has its own status.
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const { type, ...data } = event
    if (!response.write(eventText(type, data)) && !response.closed) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
}

function eventText(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

function wantsJson({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? '').split(',').some((type) => type.trim().split(';')[0] === 'application/json')
}

/** @throws argument.invalid */
async function readRequest(request: IncomingMessage): Promise<AskInput> {
  // A form of another site could send plain text without asking; JSON it could not.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new WorkbenchError('argument.invalid', 'Expected a request with Content-Type: application/json.')
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_ASK_BYTES)
      throw new WorkbenchError('argument.invalid', `Expected a request of at most ${MAX_ASK_BYTES} bytes.`)
    parts.push(part)
  }
  const parsed = askRequest.safeParse(jsonOf(Buffer.concat(parts).toString('utf8')))
  if (parsed.success) return parsed.data
  throw new WorkbenchError('argument.invalid', z.prettifyError(parsed.error), { cause: parsed.error })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new WorkbenchError('argument.invalid', 'Expected a request in JSON, such as {"set": "Sample", "question": "…"}.', { cause: error })
  }
}

function sendJson(response: ServerResponse, status: number, value: { readonly error: ErrorData } | object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(`${JSON.stringify(value)}\n`)
}
