/** API version of each release; three a year. Source: GET /services/data of public samples and Salesforce's release notes (V for 60 and 65 to 68). */
const RELEASES: readonly (readonly [version: number, release: string])[] = [
  [59, "Winter '24"],
  [60, "Spring '24"],
  [61, "Summer '24"],
  [62, "Winter '25"],
  [63, "Spring '25"],
  [64, "Summer '25"],
  [65, "Winter '26"],
  [66, "Spring '26"],
  [67, "Summer '26"],
  [68, "Winter '27"],
]

/** Versions that no longer answer since Summer '25 (confidence M). */
const OLDEST_LIVING_VERSION = 31

/** The release of an API version given as `65`, `"65.0"` or `"v65.0"`; `undefined` outside of the table. */
export function releaseOfApiVersion(version: number | string): string | undefined {
  const number = versionNumber(version)
  return RELEASES.find(([known]) => known === number)?.[1]
}

/** The API version number of a release such as `Winter '26` (typographic apostrophes too); `undefined` outside of the table. */
export function apiVersionOfRelease(release: string): number | undefined {
  const wanted = release.trim().replaceAll('’', "'").toLowerCase()
  return RELEASES.find(([, name]) => name.toLowerCase() === wanted)?.[0]
}

/** True when Salesforce has switched the version off; false for living, future and unreadable ones. */
export function isRetiredApiVersion(version: number | string): boolean {
  const number = versionNumber(version)
  return number !== undefined && number < OLDEST_LIVING_VERSION
}

function versionNumber(version: number | string): number | undefined {
  if (typeof version === 'number') return version
  const match = /^v?(\d{1,3})(?:\.0)?$/i.exec(version.trim())
  return match ? Number(match[1]) : undefined
}
