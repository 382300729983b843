import { defineConfig } from 'vitest/config'

const FOLDERS = ['api', 'salesforce', 'fake-salesforce', 'sdk', 'web', 'cli', 'testkit', 'server', 'scripts', 'load']

export default defineConfig({
  test: {
    include: [...FOLDERS.map((folder) => `${folder}/**/*.test.ts`), 'e2e/*.test.ts', 'e2e/{kill,security}/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'e2e/compat/**', '**/*.long.test.ts'],
    globalSetup: './testkit/vitest-setup.ts',
    reporters: ['default', './scripts/vitest-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    retry: 0,
    restoreMocks: true,
    unstubEnvs: true,
  },
})
