/** Where the window opens: as it was, mended where screens have changed. */
import { describe, expect, it } from 'vitest'
import { placeOn, windowStateOf } from '../../src/main/electron/window-state'

const laptop = { x: 0, y: 25, width: 1440, height: 875 }
const beside = { x: 1440, y: 0, width: 2560, height: 1440 }

describe('the window opens', () => {
  it('in the middle of the main screen the first time, no larger than it', () => {
    expect(placeOn([beside, laptop], null)).toEqual({ x: 2020, y: 270, width: 1400, height: 900 })
    expect(placeOn([laptop], null)).toEqual({ x: 20, y: 25, width: 1400, height: 875 })
  })

  it('where it was, on whichever screen', () => {
    const bounds = { x: 1600, y: 100, width: 1500, height: 1000 }
    expect(placeOn([laptop, beside], bounds)).toEqual(bounds)
  })

  it('in the middle of the main screen when its own has gone', () => {
    const bounds = { x: 1600, y: 100, width: 1500, height: 800 }
    expect(placeOn([laptop], bounds)).toEqual({ x: 0, y: 63, width: 1440, height: 800 })
  })

  it('where its title can be taken hold of', () => {
    expect(placeOn([laptop], { x: -1300, y: 400, width: 1400, height: 700 })).toMatchObject({ x: -1300, y: 400 })
    expect(placeOn([laptop], { x: -1350, y: 400, width: 1400, height: 700 })).toMatchObject({ x: 20 })
    expect(placeOn([laptop], { x: 10, y: -900, width: 1400, height: 700 })).toMatchObject({ y: 113 })
    expect(placeOn([laptop], { x: 10, y: -20, width: 1400, height: 700 })).toMatchObject({ y: 25 })
  })

  it('no smaller than its page can be used', () => {
    expect(placeOn([laptop], { x: 10, y: 30, width: 100, height: 100 })).toMatchObject({ width: 900, height: 560 })
    expect(placeOn([], null)).toMatchObject({ width: 1400, height: 900 })
  })
})

describe('what was kept', () => {
  const kept = { bounds: { x: 1, y: 2, width: 1000, height: 700 }, maximized: true, fullScreen: false, zoom: 0.5 }

  it('is read back', () => {
    expect(windowStateOf(kept)).toEqual(kept)
    expect(windowStateOf({ bounds: kept.bounds })).toEqual({ ...kept, maximized: false, zoom: 0 })
  })

  it.each([
    [undefined],
    [null],
    ['maximized'],
    [{ ...kept, bounds: { ...kept.bounds, width: -1 } }],
    [{ ...kept, bounds: { ...kept.bounds, x: Number.NaN } }],
    [{ ...kept, bounds: { ...kept.bounds, x: 1e9 } }],
    [{ ...kept, zoom: 50 }],
  ])('is left out where it is of no use: %j', (value) => {
    expect(windowStateOf(value)).toBeNull()
  })
})
