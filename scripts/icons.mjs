// The app's icons, from the page's own SVG: PNG for Linux, ICO for Windows, ICNS for the Mac. The SVG is made of rounded
// rectangles only, so that it can be drawn here without a library.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'

const root = resolve(import.meta.dirname, '..')
const source = join(root, 'src/renderer/icon.svg')
/** Samples a side of each pixel, so that edges are soft; large pictures need fewer. */
const samplesAt = (size) => (size >= 512 ? 2 : 4)

/** @returns {{ side: number, shapes: { x: number, y: number, width: number, height: number, r: number, colour: number[] }[] }} */
function readShapes(svg) {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1])
  const shapes = [...svg.matchAll(/<rect ([^>]*)\/>/g)].map(([, text]) => {
    const attribute = (name) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(text)?.[1]
    const [x, y, width, height, r] = ['x', 'y', 'width', 'height', 'rx'].map((name) => Number(attribute(name) ?? 0))
    const colour = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(attribute('fill') ?? '')
    if (!colour) throw new Error(`Expected a colour such as #2563c9 in <rect ${text}/>`)
    return { x, y, width, height, r, colour: colour.slice(1).map((part) => parseInt(part, 16)) }
  })
  const other = svg.replace(/<\/?svg[^>]*>|<rect [^>]*\/>|\s/g, '')
  if (!side || shapes.length === 0 || other) throw new Error(`Expected an SVG of <rect> only in ${source}, got ${other}`)
  return { side, shapes }
}

function covers({ x, y, width, height, r }, px, py) {
  const dx = Math.max(x + r - px, px - (x + width - r), 0)
  const dy = Math.max(y + r - py, py - (y + height - r), 0)
  return px >= x && py >= y && px <= x + width && py <= y + height && dx * dx + dy * dy <= r * r + 1e-9
}

/** RGBA, row by row. */
function draw({ side, shapes }, size) {
  const pixels = Buffer.alloc(size * size * 4)
  const samples = samplesAt(size)
  const step = side / size / samples
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const sum = [0, 0, 0]
      let seen = 0
      for (let sample = 0; sample < samples * samples; sample++) {
        const px = (column * samples + (sample % samples) + 0.5) * step
        const py = (row * samples + Math.floor(sample / samples) + 0.5) * step
        const top = shapes.findLast((shape) => covers(shape, px, py))
        if (!top) continue
        seen++
        for (let part = 0; part < 3; part++) sum[part] += top.colour[part]
      }
      const at = (row * size + column) * 4
      for (let part = 0; part < 3; part++) pixels[at + part] = seen ? Math.round(sum[part] / seen) : 0
      pixels[at + 3] = Math.round((255 * seen) / samples ** 2)
    }
  }
  return pixels
}

function png(pixels, size) {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let row = 0; row < size; row++) pixels.copy(rows, row * (size * 4 + 1) + 1, row * size * 4, (row + 1) * size * 4)
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, check])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8) // 8 bits, RGBA
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(rows, { level: 9 })
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

/** PNGs behind a directory of 16 bytes each. */
function ico(images) {
  const head = Buffer.alloc(6 + 16 * images.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let offset = head.length
  for (const [at, { size, bytes }] of images.entries()) {
    const entry = 6 + 16 * at
    head.set([size % 256, size % 256, 0, 0], entry) // 0 means 256
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(bytes.length, entry + 8)
    head.writeUInt32LE(offset, entry + 12)
    offset += bytes.length
  }
  return Buffer.concat([head, ...images.map(({ bytes }) => bytes)])
}

/** PNGs behind four letters and a length each. */
function icns(images) {
  const parts = images.map(({ type, bytes }) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(bytes.length + 8, 4)
    return Buffer.concat([head, bytes])
  })
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.write('icns', 'latin1')
  head.writeUInt32BE(body.length + 8, 4)
  return Buffer.concat([head, body])
}

/**
 * Writes the icons where electron-builder looks for them.
 * @param {string} folder default `build/`
 */
export function makeIcons(folder = join(root, 'build')) {
  const shapes = readShapes(readFileSync(source, 'utf8'))
  const image = new Map([16, 32, 48, 64, 128, 256, 512, 1024].map((size) => [size, png(draw(shapes, size), size)]))
  const sized = (...sizes) => sizes.map((size) => ({ size, bytes: image.get(size) }))
  mkdirSync(join(folder, 'icons'), { recursive: true })
  for (const [size, bytes] of image) writeFileSync(join(folder, 'icons', `${size}x${size}.png`), bytes)
  writeFileSync(join(folder, 'icon.png'), image.get(512))
  writeFileSync(join(folder, 'icon.ico'), ico(sized(16, 32, 48, 64, 128, 256)))
  const types = { icp4: 16, icp5: 32, icp6: 64, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 }
  writeFileSync(join(folder, 'icon.icns'), icns(Object.entries(types).map(([type, size]) => ({ type, bytes: image.get(size) }))))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeIcons()
