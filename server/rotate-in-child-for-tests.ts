/** A process of its own that rotates environments' keys, to be killed in the middle. Settings come from the environment. */
import { tmpdir } from 'node:os'
import { readConfig } from './config.ts'
import { openStore } from './open-store.ts'
import { replaceEnvironmentKeys } from './rotate-keys.ts'

const { ROTATE_ENVIRONMENT, ROTATE_SETTLE_MS, ROTATE_BATCH, ...env } = process.env
const read = readConfig({ env, dev: false, starts: false, cwd: tmpdir() })
if (!read.ok) throw new Error(read.problems.join('\n'))
const store = await openStore(read.config)
const done = await replaceEnvironmentKeys(store, {
  environment: ROTATE_ENVIRONMENT,
  settleMs: Number(ROTATE_SETTLE_MS),
  batch: Number(ROTATE_BATCH),
})
await store.close()
process.stdout.write(JSON.stringify(done))
