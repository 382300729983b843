#!/usr/bin/env node
// The one command: `node scripts/launch.mjs <command…>` on any machine with Node 18 or newer (`npm start`, `npm run hawser -- …`).
// Brings a fit Node and the dependencies if they are missing, then runs the command line. Plain JavaScript without dependencies, since
// it runs before there are any. What it says goes to standard error: the output belongs to the command.
//   --run <tool or file.ts> …   runs a tool of the project instead, see TOOLS
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installDependencies } from './launch/dependencies.mjs'
import { fitNode } from './launch/fit-node.mjs'
import { forPeople } from './launch/for-people.mjs'
import { runToEnd } from './launch/run-to-end.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const TOOLS = {
  test: ['node_modules/vitest/vitest.mjs', 'run'],
  'test:long': ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.long.config.ts'],
  format: ['node_modules/oxfmt/bin/oxfmt', '.'],
  check: ['scripts/check.ts'],
  generate: ['scripts/generate.ts'],
  'build:web': ['scripts/build-web.ts'],
  bench: ['load/proxy.ts'],
  'e2e:browser': ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.browser.config.ts'],
  'e2e:compat': ['e2e/compat/run.ts'],
  'e2e:salesforce': ['e2e/salesforce/run.ts'],
}

const [first, name, ...rest] = process.argv.slice(2)
try {
  const node = fitNode(ROOT)
  if (first === '--run') {
    installDependencies(ROOT, node, { dev: true })
    const tool = toolNamed(name)
    process.exitCode = await runToEnd(node, [...tool.args, ...rest], { cwd: tool.cwd })
  } else {
    // A checkout builds its web pages at the first start; a published package carries them and no sources.
    const buildsWeb = first === 'start' && existsSync(join(ROOT, 'web/vite.config.ts'))
    installDependencies(ROOT, node, { dev: buildsWeb })
    if (buildsWeb && (await runToEnd(node, [join(ROOT, 'scripts/build-web.ts')], { cwd: ROOT })) !== 0)
      throw forPeople('The web pages could not be built; the reason stands above.')
    process.exitCode = await runToEnd(node, [join(ROOT, 'cli/main.ts'), ...process.argv.slice(2)], { cwd: process.cwd() })
  }
} catch (error) {
  if (!error.forPeople) throw error
  console.error(error.message)
  process.exitCode = 1
}

/** Tools work on the whole project; a file of one's own works where one stands. */
function toolNamed(name) {
  const tool = Object.hasOwn(TOOLS, String(name)) ? TOOLS[name] : undefined
  if (tool) return { args: [join(ROOT, tool[0]), ...tool.slice(1)], cwd: ROOT }
  if (name?.endsWith('.ts') && existsSync(resolve(name))) return { args: [resolve(name)], cwd: process.cwd() }
  throw forPeople(`--run takes one of ${Object.keys(TOOLS).join(', ')}, or the path of a .ts file`)
}
