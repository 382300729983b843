#!/usr/bin/env node
import { Command } from 'commander'
import { reportFailure } from './output.ts'
import { addAudit } from './commands/audit.ts'
import { addBackup } from './commands/backup.ts'
import { addConnect } from './commands/connect.ts'
import { addDoctor } from './commands/doctor.ts'
import { addFakeSalesforce } from './commands/fake-salesforce.ts'
import { addFreeze } from './commands/freeze.ts'
import { addKeys } from './commands/keys.ts'
import { addOwnerLink } from './commands/owner-link.ts'
import { addPractice } from './commands/practice.ts'
import { addPreflight } from './commands/preflight.ts'
import { addRequest } from './commands/request.ts'
import { addRestore } from './commands/restore.ts'
import { addSalesforce } from './commands/salesforce/salesforce.ts'
import { addSigningKeys } from './commands/signing-keys.ts'
import { addStart } from './commands/start.ts'
import { addTokens } from './commands/tokens.ts'
import { addUse } from './commands/use.ts'
import { addVault } from './commands/vault.ts'
import { addVaultEpoch } from './commands/vault-epoch.ts'

const program = new Command('hawser')
  .description("Keeps your customers' Salesforce connections alive and calls the API on their behalf.")
  .option('--json', 'print JSON instead of sentences')
  .option('--data-dir <folder>', 'the data directory of the server (default: HAWSER_DATA_DIR or ./.hawser)')
  .option('--server <url>', 'the server to talk to (default: HAWSER_HOST_URL, or the one that runs on the data directory)')
  .option('--key <api key>', 'the API key to use (default: HAWSER_API_KEY, or the dev key in the data directory)')
  .showHelpAfterError('Add --help for what is possible.')
  .configureHelp({ showGlobalOptions: true })

addStart(program)
addConnect(program)
addRequest(program)
addUse(program)
addKeys(program)
addOwnerLink(program)
addTokens(program)
addSigningKeys(program)
addAudit(program)
addDoctor(program)
addVault(program)
addFreeze(program)
addSalesforce(program)
addPractice(program)
addFakeSalesforce(program)
addVaultEpoch(program)
addBackup(program)
addRestore(program)
addPreflight(program)

try {
  await program.parseAsync()
} catch (error) {
  reportFailure(error, program.opts<{ json?: boolean }>().json === true)
  process.exitCode = 1
}
