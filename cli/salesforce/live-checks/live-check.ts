/** One thing of docs/salesforce-unverified.md, and how a program or a person finds out. */
import type { Org } from '../org-api.ts'
import type { OrgFacts } from '../org-facts.ts'
import type { World } from '../world.ts'

export interface LiveCheck {
  /** A row's name, or the first words of a bullet of the page. */
  about: string
  /** How a person finds out, and what a failed try means to be looked at. */
  person: string
  /** Absent: cannot be tried by a program. */
  try?: (subject: Subject) => Promise<Finding>
  /** Deploys something, if only to have it checked: not without `--with-writes`. */
  writes?: true
}

export interface Subject {
  world: World
  org: Org
  facts: OrgFacts
}

/** `cannot`: this org or session does not show it. `saw` holds no id, no name and no host. */
export interface Finding {
  result: 'pass' | 'fail' | 'cannot'
  saw: string
}

export const pass = (saw: string): Finding => ({ result: 'pass', saw })
export const fails = (saw: string): Finding => ({ result: 'fail', saw })
export const cannot = (saw: string): Finding => ({ result: 'cannot', saw })

/** What may stand in a bug report: ids, hosts, addresses and names in quotes are cut. */
export function withoutNames(text: string): string {
  return text
    .replace(/[\w.+-]+@[\w.-]+/g, '<email>')
    .replace(/\b[\w-]+(\.[\w-]+)*\.(salesforce|force|salesforce-setup|site)\.com\b/gi, '<host>')
    .replace(/\b[0-9a-zA-Z]{15}(?:[0-9a-zA-Z]{3})?\b/g, (word) => (/\d/.test(word) ? '<id>' : word))
    .replace(/\b(3MVG9|5Aep|00D)[\w.!=]+/g, '<secret>')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
}
