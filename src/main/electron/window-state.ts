/** Where the window was: mended where screens have changed since. */
import { z } from 'zod'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const MIN_WIDTH = 900
export const MIN_HEIGHT = 560
const DEFAULT_SIZE = { width: 1400, height: 900 } as const
/** Of a window's title, so that it can be taken hold of. */
const GRIP = 80
const MAX_ZOOM = 4
export const WINDOW_PLACE = 'window'

const pixels = z.int().min(-100_000).max(100_000)
const windowState = z.object({
  bounds: z.object({ x: pixels, y: pixels, width: pixels.min(1), height: pixels.min(1) }),
  maximized: z.boolean().default(false),
  fullScreen: z.boolean().default(false),
  /** Electron's zoom level: 0 is as it was made. */
  zoom: z.number().min(-MAX_ZOOM).max(MAX_ZOOM).default(0),
})
export type WindowState = z.infer<typeof windowState>

/** What was kept, or null where that is of no use. */
export function windowStateOf(kept: unknown): WindowState | null {
  return windowState.safeParse(kept).data ?? null
}

/**
 * Where to open the window on the screens there are (their work areas, the main one first): as it was where enough of its
 * top can be seen, else in the middle of the first, and never larger than its screen.
 */
export function placeOn(screens: readonly Rectangle[], wanted: Rectangle | null): Rectangle {
  const [first = { x: 0, y: 0, ...DEFAULT_SIZE }] = screens
  const home = wanted ? (screens.find((screen) => showsTop(screen, wanted)) ?? null) : null
  const screen = home ?? first
  const size = wanted ?? { ...DEFAULT_SIZE }
  const width = Math.min(Math.max(size.width, MIN_WIDTH), Math.max(screen.width, MIN_WIDTH))
  const height = Math.min(Math.max(size.height, MIN_HEIGHT), Math.max(screen.height, MIN_HEIGHT))
  if (home && wanted) {
    return {
      x: clamp(wanted.x, screen.x - width + GRIP, screen.x + screen.width - GRIP),
      y: clamp(wanted.y, screen.y, screen.y + screen.height - GRIP),
      width,
      height,
    }
  }
  return {
    x: Math.round(screen.x + Math.max(0, (screen.width - width) / 2)),
    y: Math.round(screen.y + Math.max(0, (screen.height - height) / 2)),
    width,
    height,
  }
}

function showsTop(screen: Rectangle, { x, y, width }: Rectangle): boolean {
  const seen = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x)
  return seen >= GRIP && y >= screen.y - GRIP && y <= screen.y + screen.height - GRIP
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)
