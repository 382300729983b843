import { describe, it } from 'vitest'
import { fuzzParser, parsers } from './fuzz-parsers.ts'
import { startFuzzServer } from './fuzz-server.ts'

describe('20. a hundred thousand cases of bad input', () => {
  it.each(parsers)('%s', (name) => fuzzParser(name, 11_000))

  it('on the wire', async () => {
    const server = await startFuzzServer()
    try {
      await server.fuzzSignIn(3_000)
      await server.fuzzProxy(3_000)
    } finally {
      await server.close()
    }
  })
})
