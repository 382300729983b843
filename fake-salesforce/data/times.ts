/** Salesforce's way to write a time. */
export function salesforceTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000')
}
