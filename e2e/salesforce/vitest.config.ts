import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['e2e/salesforce/*.spec.ts'],
    globalSetup: './testkit/vitest-setup.ts',
    reporters: ['default', './scripts/vitest-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // One run of the Salesforce CLI takes 0.3 to 3 seconds, a deployment more.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
  },
})
