/** The router's promises, over every carrier. */
import { TRPCClientError } from '@trpc/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { MAX_UPLOAD_CHARS } from '../../src/main/rpc/limits'
import type { AskEvent } from '../../src/shared/answer'
import { WorkbenchError } from '../../src/shared/errors'
import type { JobState } from '../../src/shared/workbench'
import { fakeWorkbench } from '../helpers/fake-workbench'
import { httpCarrier, ipcCarrier, type Connected } from './carriers'

describe.each([httpCarrier, ipcCarrier])('over $name', (carrier) => {
  it('calls the core and gives back its values', async () => {
    const workbench = fakeWorkbench()
    await using connected = await carrier.connect(workbench)
    const { client } = connected
    const set = await client.sets.create.mutate({ name: 'Handbooks' })
    const job = await client.documents.addText.mutate({
      set: set.id,
      files: [{ name: 'a.md', text: '# A\n\nOne two three.\n' }],
    })
    expect(await client.jobs.finished.query({ id: job.id })).toMatchObject({ status: 'done' })
    expect(await client.sets.show.query({ set: 'Handbooks' })).toMatchObject({ chunks: 1, tokens: 3 })
    expect(await client.documents.text.query({ id: 'd1.s1.c1' })).toContain('One two three.')
    expect((await client.status.query()).engine.state).toBe('ready')
  })

  it('checks and calibrates models as jobs, and lists their verdicts', async () => {
    await using connected = await carrier.connect(fakeWorkbench())
    const { client } = connected
    expect(await client.models.list.query()).toMatchObject([{ id: 'first', verdict: null }])
    const check = await client.models.check.mutate({ model: 'first' })
    expect(await client.jobs.finished.query({ id: check.id })).toMatchObject({ kind: 'check', unit: 'checks', status: 'done' })
    const calibrate = await client.models.calibrate.mutate({ model: 'first', options: { questions: 3 } })
    expect(await client.jobs.finished.query({ id: calibrate.id })).toMatchObject({ kind: 'calibrate', total: 3, status: 'done' })
    expect(await client.models.calibration.query({ model: 'first', set: 'Sample' })).toMatchObject({ set: null })
    const error = await failure(client.models.calibrate.mutate({ model: 'first', options: { questions: 1000 } }))
    expect(error).toMatchObject({ data: { workbenchCode: 'argument.invalid', httpStatus: 400 } })
    expect(error.message).toContain('questions')
  })

  it('reports hits and history', async () => {
    await using connected = await carrier.connect(fakeWorkbench())
    const { client } = connected
    await client.sets.create.mutate({ name: 'Handbooks' })
    expect(await client.hits.report.query({ set: 'Handbooks', by: 'day', zone: 'Asia/Shanghai' })).toMatchObject({ set: { name: 'Handbooks' }, by: 'day' })
    expect(await client.hits.report.query({})).toMatchObject({ set: null, by: 'set' })
    expect(await client.hits.history.query({ limit: 5 })).toEqual([])
    for (const wrong of [{ zone: 'Nowhere/Town' }, { since: 'yesterday' }, { limit: 0 }]) {
      expect(await failure(client.hits.report.query(wrong))).toMatchObject({ data: { workbenchCode: 'argument.invalid', httpStatus: 400 } })
    }
    expect(await failure(client.hits.history.query({ limit: 1001 }))).toMatchObject({ data: { workbenchCode: 'argument.invalid' } })
  })

  it('searches, and compares folders', async () => {
    await using connected = await carrier.connect(await withSample())
    const { client } = connected
    const hits = await client.documents.search.query({ set: 'Sample', query: 'flights', options: { limit: 1 } })
    expect(hits).toMatchObject([{ title: 'Travel policy 2025', marks: [[0, 7]] }])
    const tooMany = await failure(client.documents.search.query({ set: 'Sample', query: 'a', options: { limit: 1000 } }))
    expect(tooMany).toMatchObject({ data: { workbenchCode: 'argument.invalid' } })
    const folders = ['/papers']
    expect(await client.documents.sync.preview.query({ set: 'Sample', folders })).toMatchObject({
      folders,
      entries: [{ path: '/papers/new.md', state: 'new' }],
    })
    expect(await client.documents.sync.folders.query({ set: 'Sample' })).toEqual([])
    const long = await failure(client.documents.sync.run.mutate({ set: 'Sample', folders: ['x'.repeat(40_000)] }))
    expect(long).toMatchObject({ data: { workbenchCode: 'argument.invalid' } })
  })

  it('keeps code and text of an error', async () => {
    await using connected = await carrier.connect(fakeWorkbench())
    const error = await failure(connected.client.sets.show.query({ set: 'nowhere' }))
    expect(error).toMatchObject({ data: { workbenchCode: 'not-found', httpStatus: 404 } })
    expect(error.message).toContain('"nowhere"')
    expect(JSON.stringify(error.shape)).not.toContain('.ts:')
  })

  it('names what does not fit in an input', async () => {
    await using connected = await carrier.connect(fakeWorkbench())
    const error = await failure(connected.client.documents.text.query({ id: '../etc/passwd' }))
    expect(error).toMatchObject({ data: { workbenchCode: 'argument.invalid', httpStatus: 400 } })
    expect(error.message).toContain('at id')
    const half = 'x'.repeat(MAX_UPLOAD_CHARS / 2 + 1)
    const files = [
      { name: 'a.md', text: half },
      { name: 'b.md', text: half },
    ]
    const upload = await failure(connected.client.documents.addText.mutate({ set: 's', files }))
    expect(upload.message).toContain('send the files in several')
  })

  it('streams an answer to its end', async () => {
    await using connected = await carrier.connect(await withSample())
    const events = await asked(connected, 'reuse')
    expect(events.map(({ type }) => type)).toEqual([
      'plan',
      ...repeat('progress', 4),
      'first-token',
      ...repeat('text', 12),
      'answer',
    ])
    const text = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')
    expect(events.at(-1)).toMatchObject({ type: 'answer', answer: { text } })
  })

  it('keeps the code of an error in the middle of a stream', async () => {
    const workbench = await withSample()
    workbench.failNextAsk = new WorkbenchError('engine.died', 'The engine ended while answering. Ask again.')
    await using connected = await carrier.connect(workbench)
    const error = await failure(asked(connected, 'reuse'))
    expect(error.data).toMatchObject({ workbenchCode: 'engine.died' })
    expect(error.message).toBe('The engine ended while answering. Ask again.')
  })

  it('aborts the core when the page unsubscribes', async () => {
    const workbench = await withSample({ words: 0 })
    await using connected = await carrier.connect(workbench)
    await new Promise<void>((resolve) => {
      const subscription = connected.client.ask.subscribe(
        { set: 'Sample', question: 'On and on?' },
        { onData: (event) => event.type === 'text' && (subscription.unsubscribe(), resolve()) },
      )
    })
    await vi.waitFor(() => expect(workbench.seen.aborted).toBe(1))
  })

  it('aborts the core when the connection is gone', async () => {
    const workbench = await withSample({ words: 0 })
    {
      await using connected = await carrier.connect(workbench)
      await new Promise<void>((resolve) => {
        connected.client.ask.subscribe(
          { set: 'Sample', question: 'On and on?' },
          { onData: (event) => event.type === 'text' && resolve() },
        )
      })
    }
    await vi.waitFor(() => expect(workbench.seen.aborted).toBe(1))
  })

  it('tells of every change of a job', async () => {
    const workbench = fakeWorkbench({ stepMs: 2 })
    await using connected = await carrier.connect(workbench)
    const changes: JobState[] = []
    const started = Promise.withResolvers<void>()
    const subscription = connected.client.jobs.watch.subscribe(undefined, {
      onStarted: () => started.resolve(),
      onData: (job) => changes.push(job),
    })
    await started.promise
    await connected.client.sets.ensureSample.mutate()
    await vi.waitFor(() => expect(changes.at(-1)?.status).toBe('done'))
    expect(changes.slice(0, 3).map(({ status }) => status)).toEqual(['waiting', 'running', 'running'])
    expect(changes.at(-1)).toMatchObject({ done: 3, total: 3, outcome: { what: 'import', added: 3 } })
    subscription.unsubscribe()
  })

  it('answers others while one answer streams', async () => {
    const workbench = await withSample({ words: 0 })
    await using connected = await carrier.connect(workbench)
    const subscription = connected.client.ask.subscribe({ set: 'Sample', question: 'On and on?' }, {})
    expect(await connected.client.sets.list.query()).toHaveLength(1)
    subscription.unsubscribe()
  })

  it('has a file dialog only in the window', async () => {
    await using connected = await carrier.connect(fakeWorkbench())
    const { canPickPaths } = await connected.client.shell.facts.query()
    expect(canPickPaths).toBe(carrier === ipcCarrier)
    const picked = connected.client.shell.pickPaths.mutate({ what: 'files' })
    if (canPickPaths) expect(await picked).toEqual(['/picked.md'])
    else expect((await failure(picked)).data).toMatchObject({ workbenchCode: 'argument.invalid' })
  })
})

async function withSample(options: { words?: number } = {}) {
  const workbench = fakeWorkbench(options)
  await workbench.sets.ensureSample()
  await workbench.jobs.finished('j1')
  return workbench
}

async function asked({ client }: Connected, strategy: 'reuse' | 'full'): Promise<AskEvent[]> {
  const events: AskEvent[] = []
  const { promise, resolve, reject } = Promise.withResolvers<AskEvent[]>()
  client.ask.subscribe(
    { set: 'Sample', question: 'How many remote days?', strategy },
    { onData: (event) => events.push(event), onComplete: () => resolve(events), onError: reject },
  )
  return Promise.race([
    promise,
    sleep(5000).then(() => Promise.reject(new Error('The answer did not end within 5 s.'))),
  ])
}

async function failure(call: Promise<unknown>): Promise<TRPCClientError<never>> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof TRPCClientError) return error
  throw new Error(`Expected a client error but got ${String(error)}`)
}

function repeat(type: AskEvent['type'], times: number): AskEvent['type'][] {
  return Array.from({ length: times }, () => type)
}
