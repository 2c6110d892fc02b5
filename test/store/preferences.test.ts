import { expect, it } from 'vitest'
import { Preferences } from '../../src/main/store/preferences'
import { openStore } from '../../src/main/store/store'
import { MAX_PREFERENCE_CHARS } from '../../src/shared/preferences'
import { tempFolder } from '../helpers/temp-folder'

it('keeps preferences over a restart, and forgets what is set to null', async () => {
  await using folder = await tempFolder()
  {
    await using store = await openStore(folder.path)
    const preferences = new Preferences(store.sql)
    preferences.set('theme', 'dark')
    preferences.set('theme', 'light')
    preferences.set('layout.list.px', 320)
    preferences.set('selection.set1', { include: [], exclude: ['d1'] })
    preferences.set('layout.list.px', null)
  }
  await using store = await openStore(folder.path)
  expect(new Preferences(store.sql).all()).toEqual({ theme: 'light', 'selection.set1': { include: [], exclude: ['d1'] } })
})

it('refuses what is too large, and keeps what was there', async () => {
  await using folder = await tempFolder()
  await using store = await openStore(folder.path)
  const preferences = new Preferences(store.sql)
  preferences.set('note', 'short')
  expect(() => preferences.set('note', 'x'.repeat(MAX_PREFERENCE_CHARS))).toThrow(/at most 2000000 characters/)
  expect(preferences.all()).toEqual({ note: 'short' })
})
