/** A control request that says something impossible; its text goes to the caller with 400. */
export class ControlError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ControlError'
  }
}
