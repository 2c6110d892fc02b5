/** The real bridge on the built host and addon. */
import { resolve } from 'node:path'
import { Engine, type EngineOptions } from '../../src/main/engine/engine'

/** To be closed by the test: `await using engine = testEngine()`. */
export function testEngine(options: EngineOptions = {}): Engine {
  return new Engine({ script: resolve(import.meta.dirname, '../../out/main/engine-host.js'), ...options })
}
