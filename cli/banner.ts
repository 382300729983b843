import { relative, resolve } from 'node:path'
import type { Config } from '#config.ts'
import { PRODUCT } from '#lib/product.ts'
import type { RunningServer } from '../server/main.ts'

/** What a start prints: where everything is, and in dev the first three steps, ready to paste. */
export function banner(config: Config, server: RunningServer): string[] {
  const { summary } = server
  const lines = [
    `${PRODUCT} is ready (${(summary.startMs / 1000).toFixed(1)} s)`,
    '',
    `  Server        ${summary.url}`,
    `  Gateway       ${summary.gateway_url}`,
    summary.owner_link
      ? `  Dashboard     ${summary.owner_link}  (opens it for the first owner, once, within a day)`
      : `  Dashboard     ${summary.url}/dashboard/`,
    ...(summary.practice_org ? [`  Practice org  ${summary.practice_org.url}  (not Salesforce)`] : []),
    `  Data          ${short(config.dataDir)}${summary.database === 'embedded' ? '  (PostgreSQL beside it)' : '  (database: DATABASE_URL)'}`,
    ...(summary.key_file ? [`  Vault key     ${short(summary.key_file)}  keep a copy: nothing stored can be read without it`] : []),
    ...(summary.frozen.length > 0
      ? ['', '  FROZEN        nothing is refreshed, revoked or sent', ...summary.frozen.map((line) => `                ${line}`)]
      : []),
    ...summary.provider_problems.map((problem) => `  Not loaded    ${problem}`),
  ]
  if (!summary.dev_key)
    lines.push('  API keys      npm run hawser -- keys create my-server --env prod  (on this machine, with the same settings)')
  return summary.dev_key ? [...lines, `  API key       ${summary.dev_key}  (environment dev)`, ...firstSteps(config, server)] : lines
}

function firstSteps(config: Config, { summary }: RunningServer): string[] {
  const hawser = `npm run -s hawser --${config.dataDir === resolve('.hawser') ? '' : ` --data-dir ${short(config.dataDir)}`}`
  const auth = `-H "Authorization: Bearer ${summary.dev_key}"`
  const practice = summary.practice_link
    ? [
        '',
        `  1 connect  open ${summary.practice_link}`,
        `  2 look     curl -s ${summary.url}/connections ${auth}`,
        `  3 call     ${hawser} request practice "/services/data/v65.0/query?q=SELECT+Name+FROM+Account"`,
      ]
    : []
  return [...practice, '', '  Your own sandbox: docs/guides/connect-a-salesforce-sandbox.md', `  Something wrong?  ${hawser} doctor`]
}

function short(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : `./${fromHere}`
}
