/** For tests: endpoints as `mount` calls them. */
import type { Route } from '@hawser/api/route.ts'
import type { Handler } from '#http/handler.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { environmentId } from './node-for-tests.ts'

export const everything: KeyPrincipal = {
  ...{ kind: 'key', keyId: newId(), environmentId, environmentName: 'dev', scopes: ['environment:*'] },
}

/** As `mount` does it: parses by the contract, calls, and parses the answer. */
export async function call(
  handlers: readonly Handler[],
  name: string,
  input: { params?: unknown; query?: unknown; body?: unknown; principal?: KeyPrincipal },
): Promise<Record<string, unknown>> {
  const found = handlers.find((handler) => handler.route.name === name)
  if (!found) throw new Error(`no handler ${name}`)
  const { route, handle } = found
  const parsed = {
    params: route.params?.parse(input.params ?? {}),
    query: route.query?.parse(input.query ?? {}),
    body: route.body?.parse(input.body),
    principal: input.principal ?? everything,
  }
  const answer = await handle(parsed as unknown as Parameters<typeof handle>[0])
  return checked(route, answer)
}

function checked(route: Route, answer: unknown): Record<string, unknown> {
  if (route.reply.body === null) return {}
  route.reply.body.parse(answer)
  return answer as Record<string, unknown> // as it is: parsing would take away what must not be there
}
