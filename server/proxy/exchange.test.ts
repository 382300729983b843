import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { dealWithRestOfBody, openExchange } from './exchange.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function sending(headers: Record<string, string> = { 'content-length': '5000000' }) {
  const socket = { destroy: vi.fn() }
  const request = Object.assign(new EventEmitter(), { headers, socket, complete: false })
  const response = Object.assign(new EventEmitter(), { destroyed: false })
  const exchange = openExchange(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  return { exchange, request, response, socket }
}

describe('a caller that is still sending when the answer begins', () => {
  it('goes on as long as the answer does, and has 30 s after its end', () => {
    const { exchange, response, socket } = sending()
    expect(dealWithRestOfBody(exchange, true)).toEqual([])
    vi.advanceTimersByTime(600_000)
    expect(socket.destroy).not.toHaveBeenCalled()
    response.emit('finish')
    vi.advanceTimersByTime(29_999)
    expect(socket.destroy).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(socket.destroy).toHaveBeenCalledOnce()
  })

  it('is left alone when his body has ended by then', () => {
    for (const ends of ['before the answer', 'after it']) {
      const { exchange, request, response, socket } = sending()
      dealWithRestOfBody(exchange, true)
      if (ends === 'before the answer') request.complete = true
      response.emit('finish')
      if (ends === 'after it') request.emit('close')
      vi.advanceTimersByTime(60_000)
      expect(socket.destroy, ends).not.toHaveBeenCalled()
    }
  })

  it('20. a stranger with much to send is hung up on', () => {
    expect(dealWithRestOfBody(sending().exchange, false)).toEqual(['connection', 'close'])
    expect(dealWithRestOfBody(sending({ 'transfer-encoding': 'chunked' }).exchange, false)).toEqual(['connection', 'close'])
    expect(dealWithRestOfBody(sending({ 'content-length': '10' }).exchange, false)).toEqual([])
  })
})
