import type { RestError } from '../../error-table.ts'

/** A query that the parser or the org refuses. */
export class SoqlError extends Error {
  readonly entry: RestError
  constructor(entry: RestError) {
    super(entry.message)
    this.name = 'SoqlError'
    this.entry = entry
  }
}
