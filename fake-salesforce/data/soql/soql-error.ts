/** A query that the parser or the org refuses; always 400. */
export class SoqlError extends Error {
  readonly errorCode: 'MALFORMED_QUERY' | 'INVALID_FIELD' | 'INVALID_TYPE'
  constructor(errorCode: SoqlError['errorCode'], message: string) {
    super(message)
    this.name = 'SoqlError'
    this.errorCode = errorCode
  }
}
