import type { Command } from 'commander'
import { CommandFailure, print } from '../../output.ts'
import { liveChecks } from '../../salesforce/live-checks/all-checks.ts'
import { withoutNames, type Finding, type LiveCheck, type Subject } from '../../salesforce/live-checks/live-check.ts'
import { orgAccess, type OrgOptions } from '../../salesforce/org-access.ts'
import { openOrg } from '../../salesforce/org-api.ts'
import { factsOf } from '../../salesforce/org-facts.ts'
import { meantKind } from './app-create.ts'
import type { World } from '../../salesforce/world.ts'
import { globalsOf } from '../../target.ts'
import { addOrgFlags } from './org-flags.ts'

interface Flags extends OrgOptions {
  withWrites?: boolean
  orgKind?: string
}

/** One line of the result: what was tried, and what it showed. */
interface Tried {
  about: string
  result: Finding['result']
  saw: string
  person: string
}

const SIGNS: Record<Finding['result'], string> = { pass: 'pass  ', fail: 'FAIL  ', cannot: '-     ' }

export function addVerifyLive(salesforce: Command, world: World): void {
  const command = salesforce
    .command('verify-live')
    .description('tries on a live org what docs/salesforce-unverified.md lists; reads only, unless --with-writes')
    .option('--with-writes', 'also deploy and delete a test app named Hawser_Live_Check')
    .option('--org-kind <kind>', 'with --with-writes: needed for anything but a sandbox or scratch org')
  addOrgFlags(command).action(async (flags: Flags, self: Command) => {
    const globals = globalsOf(self)
    const org = openOrg(world, await orgAccess(world, flags))
    const facts = await factsOf(org)
    if (flags.withWrites) refuseUnlessMeant(facts.kind, meantKind(flags.orgKind))
    const tried: Tried[] = []
    for (const check of liveChecks) tried.push(await outcome(check, { world, org, facts }, flags.withWrites === true))
    const value = { org_kind: facts.kind, api_version: await org.newestVersion(), with_writes: flags.withWrites === true, checks: tried }
    print(globals.json, value, [...tried.flatMap(lines), '', summary(tried)])
  })
}

function refuseUnlessMeant(kind: string, meant: string | undefined): void {
  if (meant === undefined ? kind === 'sandbox' || kind === 'scratch' : kind === meant) return
  throw new CommandFailure(`Nothing was written: this org is of kind ${kind}. Take a sandbox, or say --org-kind ${kind} if it is meant.`)
}

async function outcome(check: LiveCheck, subject: Subject, withWrites: boolean): Promise<Tried> {
  const { about, person } = check
  if (!check.try) return { about, person, result: 'cannot', saw: 'cannot be tried by a program' }
  if (check.writes && !withWrites) return { about, person, result: 'cannot', saw: 'needs --with-writes' }
  subject.world.say(`Trying: ${about} …`)
  try {
    const { result, saw } = await check.try(subject)
    return { about, person, result, saw: withoutNames(saw) }
  } catch (error) {
    // One failing try must not hide what the others show.
    return {
      about,
      person,
      result: 'cannot',
      saw: withoutNames(error instanceof CommandFailure ? (error.message.split('\n')[0] ?? '') : 'the try itself failed'),
    }
  }
}

function lines({ about, result, saw, person }: Tried): string[] {
  return [`${SIGNS[result]}${about}`, `      ${saw}`, ...(result === 'pass' ? [] : [`      By hand: ${person}`])]
}

function summary(tried: Tried[]): string {
  const count = (result: Finding['result']): number => tried.filter((one) => one.result === result).length
  return `${count('pass')} as expected, ${count('fail')} differ, ${count('cannot')} not tried. --json gives a report without ids and names.`
}
