/** Where other programs keep GGUF files, by platform. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import type { ModelApp } from '../../shared/models'

export interface PlaceToLook {
  readonly app: ModelApp
  readonly path: string
}

export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text of a small file, null where there is none. */
  readonly read: (path: string) => string | null
}

export function surroundings(): Surroundings {
  return {
    platform: process.platform,
    home: homedir(),
    env: process.env,
    read: (path) => {
      try {
        return readFileSync(path, 'utf8')
      } catch {
        return null
      }
    },
  }
}

/** In the order of `MODEL_APPS`, without doubles. */
export function modelPlaces({ platform, home, env, read }: Surroundings): PlaceToLook[] {
  const paths = platform === 'win32' ? win32 : posix
  const join = (...parts: string[]): string => paths.join(...parts)
  const at = (...parts: string[]): string => join(home, ...parts)
  const isMac = platform === 'darwin'
  const isWindows = platform === 'win32'
  const roaming = env['APPDATA'] ?? at('AppData', 'Roaming')
  const local = env['LOCALAPPDATA'] ?? at('AppData', 'Local')
  const data = isMac ? at('Library', 'Application Support') : isWindows ? roaming : (env['XDG_DATA_HOME'] ?? at('.local', 'share'))
  const config = isMac || isWindows ? data : (env['XDG_CONFIG_HOME'] ?? at('.config'))
  const cache = isMac ? at('Library', 'Caches') : isWindows ? local : (env['XDG_CACHE_HOME'] ?? at('.cache'))
  // LM Studio notes where its own folder is, which people move to larger disks.
  const lmStudio = read(at('.lmstudio-home-pointer'))?.trim()
  const huggingFace = env['HF_HOME'] ?? join(env['XDG_CACHE_HOME'] ?? at('.cache'), 'huggingface')

  const places: Readonly<Record<ModelApp, readonly (string | undefined)[]>> = {
    'lm-studio': [lmStudio && join(lmStudio, 'models'), at('.lmstudio', 'models'), at('.cache', 'lm-studio', 'models')],
    ollama: [
      env['OLLAMA_MODELS'] ?? at('.ollama', 'models'),
      platform === 'linux' ? '/usr/share/ollama/.ollama/models' : undefined,
    ],
    jan: [
      ...[join(data, 'Jan', 'data'), join(config, 'Jan', 'data'), at('jan')].flatMap((folder) => [
        join(folder, 'models'),
        join(folder, 'llamacpp', 'models'),
      ]),
      join(data, 'Jan', 'models'),
    ],
    'llama.cpp': [env['LLAMA_CACHE'] ?? join(cache, 'llama.cpp')],
    'hugging-face': [env['HF_HUB_CACHE'] ?? env['HUGGINGFACE_HUB_CACHE'] ?? join(huggingFace, 'hub')],
  }
  const all = Object.entries(places).flatMap(([app, paths]) => paths.flatMap((path) => (path ? [{ app: app as ModelApp, path }] : [])))
  return all.filter(({ path }, index) => all.findIndex((other) => other.path === path) === index)
}
