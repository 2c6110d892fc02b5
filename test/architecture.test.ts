/** The directions of dependency, as one test: a layer knows only the layers below it. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const source = join(root, 'src')

/** Layers of the main process, lowest first; modules of one row may not import each other unless listed in `SIDEWAYS`. */
const MAIN_LAYERS = [
  ['base'],
  ['engine'],
  ['store', 'documents', 'retrieval'],
  ['build', 'edit', 'delivery', 'jobs', 'metrics'],
  ['blend'],
  ['session'],
  ['bench'],
  ['workbench'],
  ['rpc'],
  ['electron', 'serve', 'cli', 'index'],
] as const

/** Allowed within a row: documents keep their rows in the store's database; electron's entry wires its own folder. */
const SIDEWAYS = new Set(['documents>store', 'retrieval>store', 'retrieval>documents', 'index>electron'])

const SQL_IN = ['store', 'documents', 'retrieval', 'edit']
const NETWORK_IN = ['delivery', 'rpc']
const NETWORK_MODULES = ['node:http', 'node:https', 'node:net', 'node:tls', 'node:http2', 'node:dgram', 'ws']
const NODE_FREE = ['shared', 'renderer']

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const files = globSync('**/*.{ts,tsx}', { cwd: source }).map((file) => join(source, file))
const imports = files.flatMap(importsOf)

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'"\n;]*?(?:\n[^'"\n;]*?)*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    target: match[2] ?? match[3] ?? '',
    typeOnly: match[1] !== undefined,
  }))
}

/** The absolute file a relative import names, or null for a package. */
function resolved({ file, target }: Import): string | null {
  if (!target.startsWith('.')) return null
  const base = resolve(dirname(file), target.replace(/\?.*$/, ''))
  const found = [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`, `${base}/index.tsx`].find((path) => existsSync(path) && statSync(path).isFile())
  if (!found) throw new Error(`${relative(root, file)} imports ${target}, which does not exist`)
  return found
}

/** `shared`, `renderer`, `main/store`, `main/workbench`, … */
function moduleOf(file: string): string {
  const [top = '', second = ''] = relative(source, file).split('/')
  return top === 'main' ? `main/${second.replace(/\.ts$/, '')}` : top
}

function layerOf(module: string): number {
  return MAIN_LAYERS.findIndex((row) => (row as readonly string[]).includes(module.replace('main/', '')))
}

const show = ({ file, target }: Import): string => `${relative(root, file)} -> ${target}`

describe('dependencies', () => {
  it('finds imports at all', () => {
    expect(imports.length).toBeGreaterThan(files.length)
  })

  it('every module of main has its place in a layer', () => {
    const modules = new Set(files.map(moduleOf).filter((module) => module.startsWith('main/')))
    expect([...modules].filter((module) => layerOf(module) < 0)).toEqual([])
  })

  it('point downward in main', () => {
    const wrong = imports.filter((entry) => {
      const target = resolved(entry)
      if (!target) return false
      const [from, to] = [moduleOf(entry.file), moduleOf(target)]
      if (!from.startsWith('main/') || !to.startsWith('main/') || from === to) return false
      if (SIDEWAYS.has(`${from.slice(5)}>${to.slice(5)}`)) return false
      return layerOf(to) >= layerOf(from)
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('shared imports only shared and zod, but for the router\'s type', () => {
    const wrong = imports.filter((entry) => {
      if (moduleOf(entry.file) !== 'shared') return false
      const target = resolved(entry)
      if (target) return moduleOf(target) !== 'shared' && !(entry.typeOnly && entry.file.endsWith('shared/router.ts'))
      return entry.target !== 'zod'
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('the renderer imports itself and shared; preload and the engine host know nothing of main', () => {
    const wrong = imports.filter((entry) => {
      const from = moduleOf(entry.file)
      const target = resolved(entry)
      return target && ['renderer', 'preload', 'engine-host'].includes(from) && ![from, 'shared'].includes(moduleOf(target))
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('main imports neither the renderer nor the engine host', () => {
    const wrong = imports.filter((entry) => {
      const target = resolved(entry)
      return target && moduleOf(entry.file).startsWith('main/') && ['renderer', 'preload', 'engine-host'].includes(moduleOf(target))
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('only index.ts, electron/ and preload/ import electron', () => {
    const wrong = imports.filter(
      (entry) => /^electron(\/|$)/.test(entry.target) && !['main/index', 'main/electron', 'preload'].includes(moduleOf(entry.file)),
    )
    expect(wrong.map(show)).toEqual([])
  })

  it('shared and the renderer use nothing of Node', () => {
    const wrong = imports.filter((entry) => NODE_FREE.includes(moduleOf(entry.file)) && entry.target.startsWith('node:'))
    expect(wrong.map(show)).toEqual([])
  })

  it('network only in delivery and rpc', () => {
    const wrong = imports.filter(
      (entry) => NETWORK_MODULES.includes(entry.target) && !NETWORK_IN.includes(moduleOf(entry.file).replace('main/', '')),
    )
    expect(wrong.map(show)).toEqual([])
  })

  it('SQL only in store, documents, retrieval and edit', () => {
    const statement = /\.prepare\(|\.exec\(\s*[`'](?:CREATE|INSERT|SELECT|DELETE|UPDATE|PRAGMA)|['"`]\s*(?:SELECT .* FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET) /
    const wrong = files.filter(
      (file) => !SQL_IN.includes(moduleOf(file).replace('main/', '')) && statement.test(readFileSync(file, 'utf8')),
    )
    expect(wrong.map((file) => relative(root, file))).toEqual([])
    const database = imports.filter(
      (entry) => entry.target === 'better-sqlite3' && !SQL_IN.includes(moduleOf(entry.file).replace('main/', '')),
    )
    expect(database.map(show)).toEqual([])
  })
})

describe('native', () => {
  const nativeFiles = globSync('**/*.{h,cpp}', { cwd: join(root, 'native'), exclude: (name) => /vendor|build/.test(name) })
  /** addon -> blend -> engine -> attention, codec -> ggml; the tests of attention share the codec's frame, fuzz reads codec alone */
  const NATIVE_LAYERS = ['ggml', 'codec', 'fuzz', 'attention', 'engine', 'blend', 'addon']

  it('napi.h only in addon/', () => {
    const wrong = nativeFiles.filter(
      (file) => !file.startsWith('addon/') && /#include\s+[<"](napi|node_api)\.h/.test(readFileSync(join(root, 'native', file), 'utf8')),
    )
    expect(wrong).toEqual([])
  })

  it('includes point downward', () => {
    const wrong = nativeFiles.flatMap((file) => {
      const from = NATIVE_LAYERS.indexOf(file.split('/')[0] ?? '')
      const text = readFileSync(join(root, 'native', file), 'utf8')
      return [...text.matchAll(/#include\s+"(?:\.\.\/)?(attention|codec|engine|blend|addon)\//g)]
        .filter((match) => NATIVE_LAYERS.indexOf(match[1] ?? '') > from)
        .map((match) => `${file} -> ${match[1]}`)
    })
    expect(wrong).toEqual([])
  })

  it('only the engine host loads the addon', () => {
    const wrong = files.filter((file) => moduleOf(file) !== 'engine-host' && /process\.dlopen|require\([^)]*\.node['"`]/.test(readFileSync(file, 'utf8')))
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })
})
