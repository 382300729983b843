import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createForwardedUnheard } from './forwarded-unheard.ts'

const request = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({ headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as never

function told(trusted: string[], ...requests: IncomingMessage[]): string[] {
  const peers: string[] = []
  const note = createForwardedUnheard(trusted, { warn: ({ peer }) => void peers.push(peer) })
  for (const one of requests) note(one)
  return peers
}

describe('X-Forwarded-For of a proxy that is not trusted', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:172.31.0.2', '172.31.0.2'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['fd12::5', 'fd12::5'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('is told of the neighbour %s, once', (peer, name) => {
    expect(told([], request(peer), request(peer, '203.0.113.9'), request('10.9.9.9', '203.0.113.9'))).toEqual([name])
  })

  it('is not told of strangers, who may send what they like, nor of closed sockets', () => {
    const strangers = ['203.0.113.9', '2001:db8::1', '172.32.0.1', '::ffff:8.8.8.8', undefined]
    expect(told([], ...strangers.map((peer) => request(peer, '10.0.0.1')))).toEqual([])
  })

  it('is not told where somebody has said whom to trust', () => {
    expect(told(['10.0.0.0/8'], request('192.168.0.1', '203.0.113.9'))).toEqual([])
  })
})
