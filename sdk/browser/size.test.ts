import { gzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundle } from './bundle-for-tests.ts'

let code: string
beforeAll(async () => {
  code = await bundle()
})

describe('the bundle', () => {
  it('is smaller than 6 kB, compressed', () => {
    expect(gzipSync(code).byteLength).toBeLessThan(6 * 1024)
  })

  it('needs no other package, and can be loaded where there is no window', async () => {
    expect(code).not.toMatch(/\bimport\b/)
    const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as { dependencies?: object }
    expect(dependencies).toBeUndefined()
    const loaded = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { Hawser: new (options: unknown) => object }
    expect(Object.keys(loaded).toSorted()).toEqual(['Hawser', 'HawserError'])
    expect(new loaded.Hawser({ host: 'https://connect.example.com' })).toBeInstanceOf(loaded.Hawser)
  })
})
