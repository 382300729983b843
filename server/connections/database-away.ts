/**
 * Whether a statement failed because the database cannot be reached or does not serve at the moment, as against a refusal of the statement itself.
 * SQLSTATE classes 08 (connection), 53 (resources), 57 (operator intervention: shutting down, starting up, statement timeout), 58 (system), and
 * 25006 (a standby that took over); errors of the driver and the socket carry no SQLSTATE.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === 'Failure') return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string')
    return (
      /^(08|53|57|58)[0-9A-Z]{3}$/.test(code) || code === '25006' || /^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code)
    )
  return /connection (terminated|ended|timeout)|timeout exceeded when trying to connect|query read timeout|cannot use a pool after|not queryable/i.test(
    error.message,
  )
}
