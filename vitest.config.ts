import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/global-setup.ts'],
    // Two cores: more workers than that only make timing-sensitive tests wait.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A busy machine may take its time; what comes at once is seen at once all the same.
    expect: { poll: { timeout: 20_000 } },
  },
})
