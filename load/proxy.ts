/**
 * `npm run bench`: what things cost, in tables. Ratios within a run and CPU per call are what counts; the load generator's own limit and a shared
 * machine decide the absolute figures. All load stays on this machine.
 *
 *   --all              all parts, not only the proxied call
 *   --only a,b         these parts: call, start, read, list, slow
 *   --seconds N        of a measurement, 3
 *   --rounds N         of the interleaved measurements, 3
 *   --json             prints figures instead of tables
 *   --write            all parts, into results.md beside this file
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endAll } from './children.ts'
import { measureList } from './connection-list.ts'
import { measureRead } from './credentials-read.ts'
import { measureProxiedCall } from './proxied-call.ts'
import { describe, loadNow, machine, type Section } from './report.ts'
import { measureSlowUpstream } from './slow-upstream.ts'
import { measureStart } from './start-time.ts'

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const seconds = wholeNumber(values.seconds)
const rounds = wholeNumber(values.rounds)

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`${text} is not a number of seconds or rounds`)
  return Number(text)
}

const parts: Record<string, () => Promise<Section>> = {
  call: () => measureProxiedCall(seconds, rounds),
  start: () => measureStart(rounds),
  read: () => measureRead(seconds, rounds),
  list: () => measureList(),
  slow: () => measureSlowUpstream(),
}

if (values.write && values.only !== undefined) throw new Error('--write takes all parts: leave --only out')
const asked = values.only?.split(',') ?? (values.all || values.write ? Object.keys(parts) : ['call'])
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void endAll().finally(() => process.exit(1)))
const loadBefore = loadNow()
const sections: Section[] = []
try {
  for (const name of asked) {
    const part = parts[name]
    if (!part) throw new Error(`--only takes ${Object.keys(parts).join(', ')}; ${name} is none of them`)
    const before = loadNow()
    const section = await part().finally(endAll)
    sections.push({ ...section, text: `Load average ${before} before and ${loadNow()} after. ${section.text}` })
  }
} finally {
  await endAll()
}
const where = machine(loadBefore)
if (values.json) console.log(JSON.stringify({ ...where, sections: sections.map(({ title, figures }) => ({ title, figures })) }, null, 2))
else {
  const report = `${describe(where)} Ratios and CPU per call are worth more than absolute figures, above all where the load average says that others worked here too.\n\n${sections.map(({ title, text }) => `## ${title}\n\n${text}\n`).join('\n')}`
  console.log(report)
  if (values.write)
    writeFileSync(join(import.meta.dirname, 'results.md'), `# What things cost\n\nWritten by \`npm run bench -- --write\`. ${report}`)
}
