/** The file is not what was written, or not all of it. Nothing of it is used. */
export class DamagedBackup extends Error {
  readonly code = 'ERR_DAMAGED_BACKUP'
  override readonly name = 'DamagedBackup'
}

/** The file is whole as far as one can tell, and another key is needed. */
export class WrongBackupKey extends Error {
  readonly code = 'ERR_WRONG_BACKUP_KEY'
  override readonly name = 'WrongBackupKey'
}
