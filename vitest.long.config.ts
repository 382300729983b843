import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** What takes more than a minute, or moves half a gigabyte: `npm run test:long`. */
export default defineConfig({
  test: { ...base.test, include: ['{server,e2e,cli}/**/*.long.test.ts'], exclude: ['**/node_modules/**'], testTimeout: 300_000 },
})
