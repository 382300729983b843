import { peopleRoutes, routes } from '@hawser/api/routes.ts'

/** Method and path of every route for the dashboard, without the schemas: zod stays out of the bundle, the types come from the contract. */
export function routeTable(): string {
  const rows = [...routes, ...peopleRoutes].map(({ name, method, path }) => `  ${name}: ['${method}', '${path}'],`)
  return `/** Generated from the contract by \`npm run generate\`. */
export const routeTable = {
${rows.join('\n')}
} as const
`
}
