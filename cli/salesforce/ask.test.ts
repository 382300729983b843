import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { systemAsking } from './ask.ts'

function terminal(isTTY: boolean) {
  const modes: boolean[] = []
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: (raw: boolean) => modes.push(raw) })
  const output = new PassThrough()
  const asking = systemAsking(input as unknown as NodeJS.ReadStream, output)
  return { input, modes, asking, shown: () => String(output.read() ?? '') }
}

describe('a hidden question at a terminal', () => {
  it('reads raw, shows nothing of the answer, and gives the terminal back', async () => {
    const { input, modes, asking, shown } = terminal(true)
    const answer = asking.hidden('Secret: ')
    input.write('AB')
    input.write('X\u007fC\r')
    expect(await answer).toBe('ABC')
    expect(modes).toEqual([true, false])
    expect(shown()).toBe('Secret: \n')
  })

  it('takes pasted text without the marks around it', async () => {
    const { input, asking } = terminal(true)
    const answer = asking.hidden('')
    input.write('\u001b[200~  ABC \u001b[201~\n')
    expect(await answer).toBe('ABC')
  })

  it.each(['\u0003', 'AB\u0003'])('ends at Ctrl-C: %j', async (typed) => {
    const { input, modes, asking } = terminal(true)
    const answer = asking.hidden('')
    input.write(typed)
    await expect(answer).rejects.toThrow('Stopped.')
    expect(modes).toEqual([true, false])
  })

  it('does not take more than 4096 characters', async () => {
    const { input, asking } = terminal(true)
    const answer = asking.hidden('')
    input.write('A'.repeat(5000))
    await expect(answer).rejects.toThrow('longer than 4096')
  })
})

describe('answers from a pipe', () => {
  it('are taken line by line, also when they come at once', async () => {
    const { input, modes, asking } = terminal(false)
    input.end('key\r\nsecret\nlast')
    expect(await asking.hidden('')).toBe('key')
    expect(await asking.hidden('')).toBe('secret')
    expect(await asking.hidden('')).toBe('last')
    await expect(asking.hidden('')).rejects.toThrow('The input ended')
    expect(modes).toEqual([])
    expect(asking.interactive).toBe(false)
  })

  it('that never come are an error when the pipe ends', async () => {
    const { input, asking } = terminal(false)
    const answer = asking.line('')
    input.end()
    await expect(answer).rejects.toThrow('The input ended')
  })
})
