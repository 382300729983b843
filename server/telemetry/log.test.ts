import { describe, expect, it } from 'vitest'
import { createLogger } from './log.ts'

function capture(pretty = false) {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', pretty, write: (line) => void lines.push(line) })
  return { log, lines }
}

describe('createLogger', () => {
  it('writes one JSON object a line, with the level as a word', () => {
    const { log, lines } = capture()
    log.info({ connection: 'acme' }, 'refreshed')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'info',
      connection: 'acme',
      msg: 'refreshed',
      time: expect.stringMatching(/^\d{4}-/),
    })
    expect(lines[0]!.endsWith('\n')).toBe(true)
  })

  it('4. tokens in fields, child fields, messages, URLs, errors, causes and stacks', () => {
    const { log, lines } = capture()
    const secret = `hws_dev_${'Z'.repeat(43)}`
    log.error({ headers: { authorization: `Bearer ${secret}`, cookie: secret } }, `key ${secret} refused`)
    log.info({ url: `/oauth/callback?code=${secret}` }, 'called')
    log.error(
      { err: Object.assign(new Error(`no ${secret}`, { cause: new Error(secret) }), { refresh_token: secret, code: 'ENOENT' }) },
      'failed',
    )
    log.child({ token: secret }).warn('child')
    log.warn(new Error(secret))
    expect(lines).toHaveLength(5)
    for (const line of lines) {
      expect(line).not.toContain('ZZZZZZ')
      expect(() => JSON.parse(line)).not.toThrow()
    }
    expect(JSON.parse(lines[2]!)).toMatchObject({
      err: { code: 'ENOENT', refresh_token: '[redacted]', stack: expect.stringContaining('log.test.ts') },
    })
  })

  it('writes readable lines for people', () => {
    const { log, lines } = capture(true)
    log.warn({ port: 3003, why: 'two words' }, 'listening')
    log.error({ err: new Error('boom') }, 'failed')
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d WARN {2}listening {2}port=3003 why="two words"\n$/)
    expect(lines[1]).toMatch(/ERROR failed\n {2}Error: boom\n {6}at /)
  })

  it('is silent below its level', () => {
    const lines: string[] = []
    createLogger({ level: 'warn', pretty: false, write: (line) => void lines.push(line) }).info('no')
    expect(lines).toEqual([])
  })
})
