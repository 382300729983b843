import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fuzzParser, parsers } from './fuzz-parsers.ts'
import { startFuzzServer, type FuzzServer } from './fuzz-server.ts'

describe('20. ten thousand cases of bad input', () => {
  it.each(parsers)('%s', { timeout: 30_000 }, (name) => fuzzParser(name, 1_100))
})

describe('20. bad input on the wire: no 5xx, no secret in an answer or in the log', () => {
  let server: FuzzServer
  beforeAll(async () => {
    server = await startFuzzServer()
  })
  afterAll(() => server?.close())

  it('callbacks and connect links', () => server.fuzzSignIn(150))
  it('paths and headers of the proxy', () => server.fuzzProxy(150))
  it('has met the code it wanted to meet', () => expect(server.statuses()).toEqual(expect.arrayContaining([200, 400, 401])))
})
