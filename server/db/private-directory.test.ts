import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { privateDirectory } from '#db/private-directory.ts'

const IS_ROOT = userInfo().uid === 0
const NOBODY = { uid: 65_534, gid: 65_534 }
const folder = mkdtempSync(join(tmpdir(), 'private-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

describe('privateDirectory', () => {
  it('makes one that nobody else can enter, and takes it the next time', () => {
    privateDirectory(at('new'), undefined)
    privateDirectory(at('new'), undefined)
    expect(statSync(at('new')).mode & 0o777).toBe(0o700)
  })

  it('refuses one that others can enter', () => {
    mkdirSync(at('open'))
    chmodSync(at('open'), 0o750)
    expect(() => privateDirectory(at('open'), undefined)).toThrow(/is open to other users \(mode 750\): remove it, or set TMPDIR/)
  })

  it('refuses a link, also to a directory that would do', () => {
    symlinkSync(at('new'), at('link'))
    expect(() => privateDirectory(at('link'), undefined)).toThrow('is not a directory')
  })

  it('refuses a file', () => {
    writeFileSync(at('file'), '')
    expect(() => privateDirectory(at('file'), undefined)).toThrow('is not a directory')
  })

  it.runIf(IS_ROOT)('refuses one of another user, for root too', () => {
    mkdirSync(at('foreign'), { mode: 0o700 })
    chownSync(at('foreign'), NOBODY.uid, NOBODY.gid)
    expect(() => privateDirectory(at('foreign'), undefined)).toThrow('belongs to another user (uid 65534)')
    expect(() => privateDirectory(at('foreign'), { uid: 12_345, gid: 12_345 })).toThrow('belongs to another user (uid 65534)')
  })

  it.runIf(IS_ROOT)('gives it to the account that will use it', () => {
    privateDirectory(at('given'), NOBODY)
    privateDirectory(at('given'), NOBODY)
    expect(lstatSync(at('given'))).toMatchObject({ uid: NOBODY.uid })
  })
})
