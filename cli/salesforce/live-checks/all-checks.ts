import { apiChecks } from './api-checks.ts'
import { appChecks } from './app-checks.ts'
import { deployTries } from './deploy-tries.ts'
import { hostChecks } from './host-checks.ts'
import type { LiveCheck } from './live-check.ts'
import { personChecks } from './person-checks.ts'

/** What is tried beside the page: that an org takes what we generate. */
export const BESIDE_THE_PAGE: readonly string[] = ['The generated app is accepted, can be read back and deleted']

/** One for each row and bullet of docs/salesforce-unverified.md. */
export const liveChecks: readonly LiveCheck[] = [...apiChecks, ...hostChecks, ...deployTries, ...appChecks, ...personChecks]
