/** Model files of other programs: where they are looked for, what of them is taken, where it ends. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findModelFiles } from '../../src/main/engine/find-models'
import { modelPlaces, type Surroundings } from '../../src/main/engine/model-places'
import { tempFolder } from '../helpers/temp-folder'

async function put(path: string, text = 'a model'): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return path
}

const around = (platform: NodeJS.Platform, more: Partial<Surroundings> = {}): Surroundings => ({
  platform,
  home: platform === 'win32' ? 'C:\\Users\\ada' : '/home/ada',
  env: {},
  read: () => null,
  ...more,
})
const pathsOf = (places: ReturnType<typeof modelPlaces>, app: string): string[] =>
  places.filter((place) => place.app === app).map(({ path }) => path)

describe('the usual places', () => {
  it('on Linux', () => {
    const places = modelPlaces(around('linux'))
    expect(pathsOf(places, 'lm-studio')).toEqual(['/home/ada/.lmstudio/models', '/home/ada/.cache/lm-studio/models'])
    expect(pathsOf(places, 'ollama')).toEqual(['/home/ada/.ollama/models', '/usr/share/ollama/.ollama/models'])
    expect(pathsOf(places, 'jan')).toContain('/home/ada/.local/share/Jan/data/llamacpp/models')
    expect(pathsOf(places, 'jan')).toContain('/home/ada/jan/models')
    expect(pathsOf(places, 'llama.cpp')).toEqual(['/home/ada/.cache/llama.cpp'])
    expect(pathsOf(places, 'hugging-face')).toEqual(['/home/ada/.cache/huggingface/hub'])
  })

  it('on macOS', () => {
    const places = modelPlaces(around('darwin'))
    expect(pathsOf(places, 'llama.cpp')).toEqual(['/home/ada/Library/Caches/llama.cpp'])
    expect(pathsOf(places, 'jan')).toContain('/home/ada/Library/Application Support/Jan/data/models')
    expect(pathsOf(places, 'ollama')).toEqual(['/home/ada/.ollama/models'])
  })

  it('on Windows', () => {
    const places = modelPlaces(around('win32'))
    expect(pathsOf(places, 'llama.cpp')).toEqual(['C:\\Users\\ada\\AppData\\Local\\llama.cpp'])
    expect(pathsOf(places, 'jan')).toContain('C:\\Users\\ada\\AppData\\Roaming\\Jan\\data\\models')
    expect(pathsOf(places, 'hugging-face')).toEqual(['C:\\Users\\ada\\.cache\\huggingface\\hub'])
  })

  it('as the environment and LM Studio say', () => {
    const env = { OLLAMA_MODELS: '/big/ollama', LLAMA_CACHE: '/big/llama', HF_HOME: '/big/hf', XDG_DATA_HOME: '/big/share' }
    const read = (path: string): string | null => (path.endsWith('.lmstudio-home-pointer') ? '/big/lmstudio\n' : null)
    const places = modelPlaces(around('linux', { env, read }))
    expect(pathsOf(places, 'lm-studio')[0]).toBe('/big/lmstudio/models')
    expect(pathsOf(places, 'ollama')[0]).toBe('/big/ollama')
    expect(pathsOf(places, 'llama.cpp')).toEqual(['/big/llama'])
    expect(pathsOf(places, 'hugging-face')).toEqual(['/big/hf/hub'])
    expect(pathsOf(places, 'jan')[0]).toBe('/big/share/Jan/data/models')
    expect(pathsOf(modelPlaces(around('linux', { env: { HF_HUB_CACHE: '/hub' } })), 'hugging-face')).toEqual(['/hub'])
  })
})

describe('files', () => {
  it('of LM Studio are named by publisher and model', async () => {
    await using folder = await tempFolder()
    const path = await put(folder.file('unsloth/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q4_0.gguf'))
    await put(folder.file('unsloth/Qwen3-0.6B-GGUF/README.md'))
    const { files, places, isComplete } = await findModelFiles([{ app: 'lm-studio', path: folder.path }])
    expect(files).toEqual([{ path, app: 'lm-studio', name: 'unsloth/Qwen3-0.6B-GGUF', bytes: 7 }])
    expect({ state: places[0]?.state, isComplete }).toEqual({ state: 'read', isComplete: true })
  })

  it('of Ollama are found by their manifests', async () => {
    await using folder = await tempFolder()
    const digest = (letter: string): string => letter.repeat(64)
    const manifest = (letter: string): string =>
      JSON.stringify({
        layers: [
          { mediaType: 'application/vnd.ollama.image.template', digest: `sha256:${digest('0')}` },
          { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest(letter)}` },
        ],
      })
    await put(folder.file('manifests/registry.ollama.ai/library/llama3.2/1b'), manifest('a'))
    await put(folder.file('manifests/registry.ollama.ai/library/llama3.2/latest'), manifest('a'))
    await put(folder.file('manifests/registry.ollama.ai/ada/tuned/v2'), manifest('b'))
    await put(folder.file('manifests/hf.co/bartowski/Qwen/Q4_0'), manifest('c'))
    await put(folder.file('manifests/registry.ollama.ai/library/pulled/half'), manifest('d'))
    await put(folder.file('manifests/registry.ollama.ai/library/not/json'), '{')
    await put(folder.file('manifests/registry.ollama.ai/library/out/side'), manifest('a').replaceAll(digest('a'), '../../../etc/passwd'))
    for (const letter of ['a', 'b', 'c']) await put(folder.file(`blobs/sha256-${digest(letter)}`))
    const { files, unreadable } = await findModelFiles([{ app: 'ollama', path: folder.path }])
    expect(files.map(({ name, path }) => `${name} ${path.slice(-4)}`).toSorted()).toEqual([
      'ada/tuned:v2 bbbb',
      'hf.co/bartowski/Qwen:Q4_0 cccc',
      'llama3.2:1b aaaa',
    ])
    expect(unreadable).toEqual([])
  })

  it('of the Hugging Face cache are links into its blobs, one of several revisions', async () => {
    await using folder = await tempFolder()
    const repository = folder.file('models--ggml-org--tiny-GGUF')
    const blob = await put(join(repository, 'blobs/0123'))
    for (const revision of ['aa', 'bb']) {
      await mkdir(join(repository, 'snapshots', revision), { recursive: true })
      await symlink(blob, join(repository, 'snapshots', revision, 'tiny.gguf'))
    }
    const { files } = await findModelFiles([{ app: 'hugging-face', path: folder.path }])
    expect(files).toEqual([{ path: join(repository, 'snapshots/aa/tiny.gguf'), app: 'hugging-face', name: 'ggml-org/tiny-GGUF', bytes: 7 }])
  })

  it('are counted once where two programs share them, and loops of links end', async () => {
    await using folder = await tempFolder()
    await put(folder.file('jan/models/one.gguf'))
    await symlink(folder.file('jan'), folder.file('jan/models/loop'))
    await symlink(folder.file('gone'), folder.file('jan/models/gone.gguf'))
    await mkdir(folder.file('lm'))
    await symlink(folder.file('jan/models/one.gguf'), folder.file('lm/shared.gguf'))
    const { files, isComplete } = await findModelFiles([
      { app: 'jan', path: folder.file('jan/models') },
      { app: 'lm-studio', path: folder.file('lm') },
    ])
    expect(files.map(({ app, name }) => `${app} ${name}`)).toEqual(['jan one'])
    expect(isComplete).toBe(true)
  })
})

describe('looking', () => {
  it('tells absent folders from those that cannot be read', async () => {
    await using folder = await tempFolder()
    await put(folder.file('closed/inside/one.gguf'))
    await put(folder.file('open/two.gguf'))
    await chmod(folder.file('closed/inside'), 0)
    const { places, unreadable, files } = await findModelFiles([
      { app: 'jan', path: folder.file('nowhere') },
      { app: 'jan', path: folder.file('closed') },
      { app: 'jan', path: folder.file('open') },
    ])
    expect(places.map(({ state }) => state)).toEqual(['absent', 'read', 'read'])
    // Root reads everything.
    if (process.getuid?.() !== 0) expect(unreadable.map(({ path }) => path)).toEqual([folder.file('closed/inside')])
    expect(files.map(({ name }) => name)).toContain('two')
    await chmod(folder.file('closed/inside'), 0o700)
  })

  it('ends after so many entries, and says that there is more', async () => {
    await using folder = await tempFolder()
    for (let number = 0; number < 30; number++) await put(folder.file(`${number}.gguf`))
    const { files, isComplete } = await findModelFiles([{ app: 'jan', path: folder.path }], { mostEntries: 10 })
    expect(files).toHaveLength(10)
    expect(isComplete).toBe(false)
  })

  it('ends at a certain depth', async () => {
    await using folder = await tempFolder()
    await put(folder.file(`${'deep/'.repeat(20)}one.gguf`))
    expect(await findModelFiles([{ app: 'jan', path: folder.path }])).toMatchObject({ files: [], isComplete: false })
  })

  it('stops when it is cancelled', async () => {
    await using folder = await tempFolder()
    await put(folder.file('one.gguf'))
    await expect(findModelFiles([{ app: 'jan', path: folder.path }], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})
