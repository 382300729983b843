/** Commits an entry of the audit trail; resolves when it is durable. Given by `compose.ts` (audit lies on the same level). */
export type RecordChange = (entry: {
  environmentId: string
  actor: Record<string, unknown>
  action: string
  subject: Record<string, unknown>
  /** Whose account it is about. */
  endUserId?: string | undefined
}) => Promise<void>
