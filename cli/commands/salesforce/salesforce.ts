import type { Command } from 'commander'
import { systemWorld, type World } from '../../salesforce/world.ts'
import { addCheck } from './app-check.ts'
import { addCreate } from './app-create.ts'
import { addDeploy } from './app-deploy.ts'
import { addMigrate } from './app-migrate.ts'
import { addPackage } from './app-package.ts'
import { addRotateSecret } from './app-rotate-secret.ts'
import { addVerifyLive } from './verify-live.ts'

export function addSalesforce(program: Command, world: World = systemWorld()): void {
  const salesforce = program
    .command('salesforce')
    .description('External Client Apps in your Salesforce orgs, and what only a live org can tell')
  const app = salesforce
    .command('app')
    .description('the External Client App that lets Hawser connect: make, deploy, rotate, check, migrate')
  addCreate(app, world)
  addDeploy(app, world)
  addRotateSecret(app, world)
  addPackage(app, world)
  addCheck(app, world)
  addMigrate(app, world)
  addVerifyLive(salesforce, world)
}
