import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readConfig } from '#config.ts'
import { BACKUP_MARK, checkInstallation } from '#doctor/check-installation.ts'
import { print } from '../output.ts'
import { globalsOf, readServerFile } from '../target.ts'

const SIGNS = { ok: 'ok  ', warning: '!   ', failed: 'FAIL' }

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('checks this installation: address, clock, vault key, disk, database')
    .option('--key-is-backed-up', 'remember that a copy of the vault key exists')
    .action(async (options: { keyIsBackedUp?: boolean }, command: Command) => {
      const globals = globalsOf(command)
      // Where the server really listens, if one runs here; what it would use, if not.
      const running = readServerFile(globals)?.url
      const env = { ...process.env, ...(running && !process.env['HAWSER_PUBLIC_URL'] ? { HAWSER_PUBLIC_URL: running } : {}) }
      const read = readConfig({ env, flags: { dataDir: globals.dataDir }, dev: false, starts: false, cwd: process.cwd() })
      if (!read.ok) {
        print(globals.json, { settings: read.problems }, ['FAIL  Settings', ...read.problems.map((problem) => `      ${problem}`)])
        process.exitCode = 1
        return
      }
      if (options.keyIsBackedUp) await writeFile(join(read.config.dataDir, BACKUP_MARK), `${new Date().toISOString()}\n`)
      const checks = await checkInstallation(read.config, Date.now)
      print(
        globals.json,
        checks,
        checks.flatMap((check) => [
          `${SIGNS[check.result]}  ${check.name.padEnd(10)} ${check.text}`,
          ...(check.fix ? [`                 → ${check.fix}`] : []),
        ]),
      )
      if (checks.some((check) => check.result === 'failed')) process.exitCode = 1
    })
}
