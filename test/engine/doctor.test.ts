import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { doctor } from '../../src/main/engine/doctor'
import { testEngine } from '../helpers/engine'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-doctor-'))
})
afterEach(async () => await rm(folder, { recursive: true }))

test('a healthy machine: libraries, devices and a data folder that is made on the way', async () => {
  await using engine = testEngine()
  const dataDir = join(folder, 'new')
  const report = await doctor(engine, { version: '1.2.3', dataDir })
  expect(report).toMatchObject({ version: '1.2.3', dataDir })
  expect(report.system?.devices.some(({ kind }) => kind === 'cpu')).toBe(true)
  const status = Object.fromEntries(report.checks.map((check) => [check.name, check.status]))
  expect(status).toMatchObject({ Node: 'ok', Engine: 'ok', Devices: 'ok', Memory: 'ok' })
  expect(status['Data folder']).not.toBe('failed')
})

test('every trouble is a line that says what to do', async () => {
  await using engine = testEngine({ libraries: [{ dir: join(folder, 'nothing'), fallbackDir: null, needs: null }] })
  const file = join(folder, 'file')
  await writeFile(file, '')
  const report = await doctor(engine, { version: '1.2.3', dataDir: join(file, 'data') })
  expect(report.system).toBeNull()
  const failed = report.checks.filter((check) => check.status === 'failed')
  expect(failed.map((check) => check.name)).toEqual(['Engine', 'Data folder'])
  for (const check of failed) expect(check.remedy).toBeTruthy()
})

test('a missing addon and missing drivers are told as what they are', async () => {
  await using none = testEngine({ addon: join(folder, 'none.node') })
  await expect(none.call('system', {})).rejects.toMatchObject({ code: 'engine.no-library', message: /npm run build/ })
  await using driverless = testEngine({
    libraries: [{ dir: folder, fallbackDir: null, needs: 'libkvasir-no-such-driver.so.1' }],
  })
  await expect(driverless.call('system', {})).rejects.toMatchObject({
    code: 'engine.no-library',
    message: /this machine has no libkvasir-no-such-driver/,
  })
  await using empty = testEngine({ libraries: [] })
  await expect(empty.call('system', {})).rejects.toMatchObject({ code: 'engine.no-library', message: /npm ci/ })
})
