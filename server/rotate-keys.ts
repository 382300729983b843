/** What `hawser vault` does, put together: which places there are, who else has wrapped something, and the files. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { rewrapAuditKey } from '#audit/audit-key.ts'
import { BACKUP_MARK } from '#doctor/check-installation.ts'
import { reveal } from '#lib/secret.ts'
import { KEY_FILE } from '#vault/local-key.ts'
import { adoptNextKey, formerKeyFile, nextKeyFile, retireKeyFile } from '#vault/next-key-file.ts'
import { rotateEnvironmentKey, type RotationProgress } from '#vault/rotate-environment-key.ts'
import { rotateVaultKey } from '#vault/rotate-vault-key.ts'
import { underRotationLock } from '#vault/rotation-lock.ts'
import * as store from '#vault/store.ts'
import { kindOfKey, openVaultKey, type VaultKey } from '#vault/vault-key.ts'
import type { Config } from '#config.ts'
import type { Store } from './open-store.ts'
import { sealedPlaces } from './sealed-places.ts'

export interface NewKeyInPlace {
  from: string
  to: string
  environments: number
  kind: VaultKey['source']['kind']
  /** Where the former key lies now, if it was a file. */
  formerKeyFile: string | undefined
}

/** Throws an Error in plain words if nothing says what the new key is. `toFile`: into the data directory, from wherever it was. */
export async function replaceVaultKey(config: Config, opened: Store, toFile: boolean): Promise<NewKeyInPlace> {
  const { db, key } = opened
  const to = await nextKey(config, key, toFile)
  return underRotationLock(db, async () => {
    const from = key.provider.id
    const environments = await rotateVaultKey(db.kysely, { from: key.provider, to: to.provider, rewrapOthers: rewrapAuditKey })
    if (to.source.kind === 'file') await adoptNextKey(config.dataDir, to.provider.id)
    else if (key.source.kind === 'file') await retireKeyFile(config.dataDir, from)
    // The note was about the former key.
    if (to.source.kind === 'file') await rm(join(config.dataDir, BACKUP_MARK), { force: true })
    return {
      from,
      to: to.provider.id,
      environments,
      kind: to.source.kind,
      formerKeyFile: key.source.kind === 'file' ? formerKeyFile(config.dataDir, from) : undefined,
    }
  })
}

async function nextKey(config: Config, present: VaultKey, toFile: boolean): Promise<VaultKey> {
  const { newKmsKey: kmsKey, newEncryptionKey, dataDir } = config
  if (!toFile && (kmsKey !== undefined || newEncryptionKey !== undefined))
    return openVaultKey({ dataDir, kmsKey, encryptionKey: newEncryptionKey && reveal(newEncryptionKey) })
  if (toFile || present.source.kind === 'file') return nextKeyFile(dataDir)
  throw new Error(
    `The present key comes from ${present.source.kind === 'aws-kms' ? 'HAWSER_KMS_KEY' : 'HAWSER_ENCRYPTION_KEY'}. Put the next one into HAWSER_NEW_ENCRYPTION_KEY ` +
      `(openssl rand -base64 32) or HAWSER_NEW_KMS_KEY for this command, or say --to-file for ${join(dataDir, KEY_FILE)}.`,
  )
}

/** Each takes a connection to the database, of twenty. */
const AT_ONCE = 8

export interface ReplaceEnvironmentKeys {
  /** By name; all unless given. */
  environment?: string | undefined
  settleMs?: number
  batch?: number
  onProgress?(environment: string, progress: RotationProgress): void
}

/** Begins, or goes on with, the rotation of environments' keys. */
export async function replaceEnvironmentKeys(
  opened: Store,
  options: ReplaceEnvironmentKeys,
): Promise<(RotationProgress & { environment: string })[]> {
  const { db, key } = opened
  const wanted = (await store.environmentKeys(db.kysely)).filter(
    ({ name }) => options.environment === undefined || name === options.environment,
  )
  if (wanted.length === 0) throw new Error(`No environment is called "${options.environment}".`)
  return underRotationLock(db, async () => {
    const rotated = ({ id, name }: store.EnvironmentKey) =>
      rotateEnvironmentKey({
        ...{ db, provider: key.provider, environmentId: id, places: sealedPlaces },
        ...(options.settleMs === undefined ? {} : { settleMs: options.settleMs }),
        ...(options.batch === undefined ? {} : { batch: options.batch }),
        sleep: (ms) => sleep(ms),
        onProgress: (progress) => options.onProgress?.(name, progress),
      }).then((end) => ({ environment: name, ...end }))
    const done: (RotationProgress & { environment: string })[] = []
    // Most of the time is waiting, which they can do together.
    for (let at = 0; at < wanted.length; at += AT_ONCE) done.push(...(await Promise.all(wanted.slice(at, at + AT_ONCE).map(rotated))))
    return done
  })
}

export interface VaultStatus {
  key: { id: string; kind: 'local' | 'aws-kms' }
  environments: {
    name: string
    /** Which of its keys is in use: 1 is the first. */
    generation: number
    rotation: {
      step: 'announced' | 'rewrapping' | 'finished'
      announced_at: string
      switched_at: string | null
      finished_at: string | null
      rewrapped: number
      /** Data keys that are still wrapped by the former key. */
      remaining: number
    } | null
  }[]
}

/** Nothing of it is secret. `only`: an environment's name; all of them unless given. */
export async function vaultStatus({ db, key }: Pick<Store, 'db' | 'key'>, only?: string): Promise<VaultStatus> {
  const row = await store.vaultRow(db.kysely)
  const id = row?.keyId ?? key.provider.id
  const environments: VaultStatus['environments'] = []
  for (const environment of await store.environmentKeys(db.kysely)) {
    if (only !== undefined && environment.name !== only) continue
    const rotation = await store.latestRotation(db.kysely, environment.id)
    if (!rotation) {
      environments.push({ name: environment.name, generation: 1, rotation: null })
      continue
    }
    let remaining = 0
    const of = { environmentId: environment.id, generation: rotation.generation }
    for (const place of sealedPlaces) remaining += await place.countOlder(db.kysely, of)
    environments.push({
      name: environment.name,
      generation: rotation.switchedAt ? rotation.generation : rotation.generation - 1,
      rotation: {
        step: rotation.finishedAt ? 'finished' : rotation.switchedAt ? 'rewrapping' : 'announced',
        announced_at: rotation.announcedAt.toISOString(),
        switched_at: rotation.switchedAt?.toISOString() ?? null,
        finished_at: rotation.finishedAt?.toISOString() ?? null,
        rewrapped: rotation.rewrapped,
        remaining,
      },
    })
  }
  return { key: { id, kind: kindOfKey(id) }, environments }
}
