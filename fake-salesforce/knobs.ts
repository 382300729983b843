/** Which requests the fault knobs touch: all, only `/services/oauth2/token`, or only data calls. */
export type FaultScope = 'all' | 'token' | 'data'

/** Settings of the whole fake. Those that belong to one org, user or app lie there. */
export interface Knobs {
  /** Delay of each answer. */
  latencyMs: number
  faultsApplyTo: FaultScope
  /** How many of the next requests get 503. */
  fail503Times: number
  /** Epoch ms until which requests get 503. */
  outageUntil: number
  /** How many of the next requests get an HTML page with status 500. */
  htmlErrorTimes: number
  /** How many of the next requests get 200 with a body that is no JSON. */
  garbageTimes: number
  /** How many of the next requests lose their connection before anything is done. */
  dropBeforeTimes: number
  /** How many of the next refreshes are carried out, and then the connection is cut before the answer. */
  dropAfterSend: number
  /** How long a new app stays unknown to authorize and token. */
  propagationDelayMs: number
  /** Approvals with a refresh token per user and app; one more revokes the oldest. */
  approvalLimit: number
  /** Rows in one page of a query; Salesforce has 2000. */
  pageSize: number
  /** How often a bulk job is asked for before it is complete. */
  bulkPolls: number
  /** How often a deploy is asked for before it is done; 0: it is done when it is accepted. */
  deployPolls: number
  /** `//services/data` is read as `/services/data`; off, it is 404. */
  doubleSlashTolerant: boolean
  /** JSON and CSV are gzipped for clients that accept it. */
  compress: boolean
  /** Address of every client that sends no `x-fake-client-address` header. */
  clientAddress: string
}

export function defaultKnobs(): Knobs {
  return {
    latencyMs: 0,
    faultsApplyTo: 'all',
    fail503Times: 0,
    outageUntil: 0,
    htmlErrorTimes: 0,
    garbageTimes: 0,
    dropBeforeTimes: 0,
    dropAfterSend: 0,
    propagationDelayMs: 0,
    approvalLimit: 5,
    pageSize: 2000,
    bulkPolls: 1,
    deployPolls: 1,
    doubleSlashTolerant: true,
    compress: true,
    clientAddress: '203.0.113.10',
  }
}
