/** Writes what is printed from the contract, the settings and the import levels. With `--check`: names what is stale, and exits with 1. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format } from 'oxfmt'
import packageJson from '../package.json' with { type: 'json' }
import { settingsTable } from '../server/settings.ts'
import { PRODUCT } from '../server/lib/product.ts'
import { readContract } from './generate/contract.ts'
import { openApiDocument } from './generate/openapi.ts'
import { endpointsPage, errorsPage, settingsPage } from './generate/pages.ts'
import { salesforceErrorsPage } from './generate/salesforce-errors-page.ts'
import { routeTable } from './generate/route-table.ts'
import { sdkTypes } from './generate/sdk-types.ts'
import { lintConfig } from './lint-config.ts'

const root = join(import.meta.dirname, '..')

/** Path → text, formatted as the rest of the tree is. */
export async function generated(): Promise<Map<string, string>> {
  const contract = readContract()
  const texts: Record<string, string> = {
    'api/openapi.json': JSON.stringify(openApiDocument(contract, { name: PRODUCT, version: packageJson.version })),
    'sdk/node/types.ts': sdkTypes(contract),
    'web/dashboard/api/routes.ts': routeTable(),
    'docs/reference/errors.md': errorsPage(),
    'docs/reference/api.md': endpointsPage(contract),
    'docs/configuration.md': settingsPage(settingsTable),
    'docs/guides/salesforce-errors.md': salesforceErrorsPage(),
    '.oxlintrc.json': lintConfig(),
  }
  const style = JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8')) as Parameters<typeof format>[2]
  const files = new Map<string, string>()
  for (const [path, text] of Object.entries(texts)) {
    const { code, errors } = await format(path, text, style)
    if (errors.length > 0) throw new Error(`${path} could not be formatted: ${errors[0]!.message}`)
    files.set(path, code)
  }
  return files
}

/** Those of the files that differ from what lies in the tree. */
export function staleAmong(files: ReadonlyMap<string, string>, folder = root): string[] {
  return [...files]
    .filter(([path, text]) => !existsSync(join(folder, path)) || readFileSync(join(folder, path), 'utf8') !== text)
    .map(([path]) => path)
}

if (process.argv[1] === import.meta.filename) {
  const files = await generated()
  const stale = staleAmong(files)
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is stale: run npm run generate`)
    process.exitCode = stale.length > 0 ? 1 : 0
  } else {
    for (const path of stale) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), files.get(path)!)
      console.log(`wrote ${path}`)
    }
  }
}
