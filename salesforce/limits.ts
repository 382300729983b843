/** API calls of the last 24 hours: `used` of `max`, for the org and, when the header has it, for one app. */
export type LimitInfo = { used: number; max: number; perApp?: { used: number; max: number; appName: string } }

/** Reads `Sforce-Limit-Info: api-usage=18/15000; per-app-api-usage=17/250(appName=acme)`; `undefined` when it is absent or of another shape. */
export function parseLimitInfo(header: string | undefined): LimitInfo | undefined {
  if (header === undefined || header.length > 1000) return undefined
  const org = /(?:^|[;,]\s*)api-usage=(\d{1,12})\/(\d{1,12})/i.exec(header)
  if (!org) return undefined
  const info: LimitInfo = { used: Number(org[1]), max: Number(org[2]) }
  const app = /(?:^|[;,]\s*)per-app-api-usage=(\d{1,12})\/(\d{1,12})\(appName=([^)]{1,200})\)/i.exec(header)
  if (app) info.perApp = { used: Number(app[1]), max: Number(app[2]), appName: app[3] ?? '' }
  return info
}
