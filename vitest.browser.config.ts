import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The pages, in a real Chromium: `npm run e2e:browser`. */
export default defineConfig({
  test: { ...base.test, include: ['e2e/browser/*.test.ts'], globalSetup: ['./testkit/vitest-setup.ts', './testkit/install-chromium.ts'] },
})
