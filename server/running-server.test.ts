import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runningServer } from './running-server.ts'

let dataDir: string
let server: Server
let url: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-running-'))
  server = createServer((_request, response) => response.end('{"result":"ok"}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dataDir, { recursive: true })
})

const leave = (content: unknown) => writeFile(join(dataDir, 'server.json'), typeof content === 'string' ? content : JSON.stringify(content))
/** Lives as long as the test does. */
const ALIVE = process.ppid
const NOBODY = 2 ** 31 - 1

describe('the server of a data directory', () => {
  it('is the one whose process lives and whose address answers', async () => {
    await leave({ pid: ALIVE, url })
    expect(await runningServer(dataDir)).toEqual({ pid: ALIVE, url })
  })

  it.each<[string, () => unknown]>([
    ['a process that has ended', () => ({ pid: NOBODY, url })],
    ['an address where nobody answers', () => ({ pid: ALIVE, url: 'http://127.0.0.1:1' })],
    ['this process', () => ({ pid: process.pid, url })],
    ['a damaged file', () => '{"pid":'],
  ])('is none: %s', async (_what, content) => {
    await leave(content())
    expect(await runningServer(dataDir)).toBeUndefined()
  })

  it('is none without the file', async () => {
    expect(await runningServer(dataDir)).toBeUndefined()
  })
})
