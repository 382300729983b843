import type { z } from 'zod'
import type { provider } from '@hawser/api/providers.ts'

/** A field as the catalogue declares it: `server/providers/form-field.ts`. */
export interface FieldAbout {
  type?: 'string' | 'number' | 'boolean'
  title?: string
  description?: string
  example?: string
  pattern?: string
  format?: 'hostname' | 'uri' | 'uuid' | 'email'
  enum?: string[]
  order?: number
  secret?: boolean
  prefix?: string
  suffix?: string
  optional?: boolean
  default_value?: string
  hidden?: boolean
  automated?: boolean
  doc_section?: string
  visible_when?: { field: string; equals: unknown }
}

/** What the page reads of a catalogue's entry: `server/providers/schema.ts`. */
export type ProviderEntry = z.output<typeof provider> & {
  family?: string
  environment?: string
  docs_connect?: string
  connection_config?: Record<string, FieldAbout>
  token_response_metadata?: string[]
  allowed_hosts?: string[]
}
