import { defineConfig } from 'vitest/config'
import usual from './vitest.config'

/** `npm run test:slow`: proofs that take minutes, in files of their own. */
export default defineConfig({ test: { ...usual.test, include: ['test/**/*.slow.ts'] } })
