/** `.oxlintrc.json`, with the import levels as rules. */
import { forbiddenFor, levels, workspaces } from './levels.ts'

interface Restriction {
  group: string[]
  message: string
  allowTypeImports?: boolean
}

const restrict = (...patterns: Restriction[]) => ({ 'no-restricted-imports': ['error', { patterns }] })

export function lintConfig(): string {
  const overrides = [
    ...levels.flat().map((folder) => ({ files: [`server/${folder}/**/*.ts`], rules: restrict(...levelRules(folder)) })),
    ...Object.entries(workspaces).map(([name, allowed]) => ({ files: [`${name}/**/*.ts`], rules: restrict(workspaceRule(name, allowed)) })),
    {
      files: ['**/*.test.ts', '**/*-for-tests.ts', '**/*-fixture.ts', '**/*-rig.ts', 'testkit/**', 'e2e/**', 'load/**', 'scripts/**'],
      rules: { 'no-restricted-imports': 'off', 'max-lines': 'off', 'max-lines-per-function': 'off' },
    },
    { files: ['scripts/**', 'cli/**', 'load/**', 'e2e/**'], rules: { 'no-console': 'off' } },
  ]
  const config = {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['import', 'typescript', 'unicorn', 'promise', 'node'],
    categories: { correctness: 'error' },
    rules: {
      'import/no-cycle': 'error',
      'import/no-default-export': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'no-console': 'error',
      'no-debugger': 'error',
      'no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'promise/no-callback-in-promise': 'off',
      'unicorn/no-useless-spread': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'typescript/no-explicit-any': 'error',
      'typescript/consistent-type-imports': 'error',
    },
    ignorePatterns: ['**/dist/**', '**/node_modules/**', 'e2e/compat/node_modules/**'],
    overrides: [
      ...overrides,
      { files: ['*.config.ts', 'scripts/vitest-reporter.ts', 'testkit/vitest-setup.ts'], rules: { 'import/no-default-export': 'off' } },
    ],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function levelRules(folder: string): Restriction[] {
  const forbidden = forbiddenFor(folder)
  const above: Restriction[] = [
    { group: ['../**/*.ts', '!../kit.ts'], message: 'Between folders of the server import by `#folder/file.ts`.', allowTypeImports: true },
  ]
  if (forbidden.length > 0)
    above.push({
      group: forbidden.map((name) => `#${name}/*`),
      message: `${folder} may not import this: see scripts/levels.ts.`,
      allowTypeImports: true,
    })
  above.push({
    group: ['@hawser/node', '@hawser/fake-salesforce/*', '@hawser/testkit/*', '#compose.ts'],
    message: 'The server does not import its users.',
  })
  return above
}

function workspaceRule(name: string, allowed: readonly string[]): Restriction {
  const closed = ['api', 'salesforce', 'fake-salesforce', 'testkit'].filter((other) => other !== name && !allowed.includes(other))
  return { group: ['#*', '#*/*', ...closed.map((other) => `@hawser/${other}/*`)], message: `${name} stands alone: see scripts/levels.ts.` }
}
