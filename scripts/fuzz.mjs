// `npm run fuzz [-- SECONDS [SEED]]`: everything of the codec that reads files, fed with mutated bytes, in a build with address and
// undefined-behaviour sanitizers. Needs GCC or Clang (CXX names another than g++).
import { mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { spawnSync } from 'node:child_process'

const root = resolve(import.meta.dirname, '..')
const program = join(root, 'native/build/kvasir-fuzz')
const [seconds = '60', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)

/** Ends with the command's own status where it fails. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) console.error(`kvasir: ${command} could not be started: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

mkdirSync(join(root, 'native/build'), { recursive: true })
const sources = readdirSync(join(root, 'native/codec'))
  .filter((name) => name.endsWith('.cpp') && !name.startsWith('test'))
  .map((name) => `native/codec/${name}`)
run(process.env.CXX ?? 'g++', [
  '-std=c++17',
  '-O1',
  '-g',
  '-pthread',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=undefined',
  ...sources,
  'native/fuzz/codec.cpp',
  '-o',
  program,
])
console.log(`kvasir: fuzzing for ${seconds} s with seed ${seed}`)
run(program, [seconds, seed])
