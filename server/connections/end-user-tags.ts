import type { z } from 'zod'
import type { endUserInput } from '@hawser/api/values.ts'
import type { EndUser } from './connection.ts'

export type EndUserInput = z.output<typeof endUserInput>

export function toEndUser(input: EndUserInput): EndUser {
  return {
    id: input.id,
    display_name: input.display_name ?? null,
    email: input.email ?? null,
    tags: input.tags ?? null,
    organization: null,
  }
}

/** Tags by which connections of an end user are found, with his own over them. Names in lower case. */
export function tagsOfEndUser(input: EndUserInput): Record<string, string> {
  return {
    end_user_id: input.id,
    ...(input.email === undefined ? {} : { end_user_email: input.email }),
    ...(input.display_name === undefined ? {} : { end_user_display_name: input.display_name }),
    ...lowerCaseNames(input.tags ?? {}),
  }
}

export function lowerCaseNames(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]))
}
