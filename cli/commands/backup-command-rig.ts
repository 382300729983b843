import { Command } from 'commander'
import { vi } from 'vitest'
import { addBackup } from './backup.ts'
import { addKeys } from './keys.ts'
import { addPreflight } from './preflight.ts'
import { addRestore } from './restore.ts'
import { addVault } from './vault.ts'
import { addVaultEpoch } from './vault-epoch.ts'

/** Runs a command in this process, with its environment; returns what it printed. */
export async function hawserIn(dataDir: string, ...words: string[]): Promise<string> {
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
  try {
    const program = new Command('hawser').option('--json').option('--data-dir <folder>')
    for (const add of [addBackup, addRestore, addPreflight, addKeys, addVault, addVaultEpoch]) add(program)
    await program.parseAsync(['--data-dir', dataDir, ...words], { from: 'user' })
  } finally {
    log.mockRestore()
  }
  return printed.join('\n')
}
