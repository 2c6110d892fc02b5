/** The update hook: off by itself, and never believing what is not signed. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { checkForUpdate, updateSettingsOf } from '../../src/main/electron/updates'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const feed = 'https://updates.example/kvasir.json'

function serving(files: Readonly<Record<string, string>>): typeof fetch {
  return vi.fn(async (url: string) => {
    const text = files[url]
    return text === undefined ? new Response('', { status: 404 }) : new Response(text)
  }) as unknown as typeof fetch
}

function signed(text: string, by = privateKey): Record<string, string> {
  return { [feed]: text, [`${feed}.sig`]: sign(null, Buffer.from(text), by).toString('base64') }
}

describe('without settings', () => {
  it('nothing is asked of anybody', async () => {
    const load = serving({})
    expect(await checkForUpdate({ version: '0.1.0', settings: updateSettingsOf(undefined), fetch: load })).toEqual({ kind: 'off' })
    expect(load).not.toHaveBeenCalled()
  })

  it.each([[{ feed: 'http://updates.example/a.json', key }], [{ feed: 'file:///a.json', key }], [{ feed }], [{ key }], ['on']])(
    'or with ones that do not fit: %j',
    (settings) => {
      expect(updateSettingsOf(settings)).toBeNull()
    },
  )
})

describe('with a feed and its key', () => {
  const check = (files: Record<string, string>, version = '0.1.0') =>
    checkForUpdate({ version, settings: updateSettingsOf({ feed, key }), fetch: serving(files) })

  it('a newer version is told, an older one is not', async () => {
    const files = signed('{"version":"0.10.0"}')
    expect(await check(files)).toEqual({ kind: 'newer', version: '0.10.0' })
    expect(await check(files, '0.10.0')).toEqual({ kind: 'current' })
    expect(await check(files, '1.0.0')).toEqual({ kind: 'current' })
  })

  it('also with a key in PEM', async () => {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const settings = updateSettingsOf({ feed, key: pem })
    expect(await checkForUpdate({ version: '0.1.0', settings, fetch: serving(signed('{"version":"2.0.0"}')) })).toMatchObject({ kind: 'newer' })
  })

  it.each([
    ['another key', signed('{"version":"9.0.0"}', generateKeyPairSync('ed25519').privateKey)],
    ['a changed feed', { ...signed('{"version":"9.0.0"}'), [feed]: '{"version":"9.0.1"}' }],
    ['no signature', { [feed]: '{"version":"9.0.0"}' }],
    ['no version in it', signed('{"version":"latest; rm -rf"}')],
    ['no JSON', signed('<html>')],
    ['a feed of megabytes', signed(`{"version":"9.0.0","notes":"${'x'.repeat(100_000)}"}`)],
    ['nothing there', {}],
  ])('is refused for %s', async (_why, files) => {
    expect(await check(files)).toMatchObject({ kind: 'refused' })
  })
})
