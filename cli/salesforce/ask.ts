/** Questions to the person at the keyboard. What is asked hidden is never echoed, and works from a pipe as well. */
import { CommandFailure } from '../output.ts'

export interface Asking {
  /** Whether a person sits there: without one only hidden values are read, from the pipe. */
  interactive: boolean
  /** The typed line, trimmed. */
  line(question: string): Promise<string>
  /** As `line`, without showing what is typed. At most 4096 characters; throws when the input ends first. */
  hidden(question: string): Promise<string>
}

const LONGEST = 4096
const WAIT_MS = 30 * 60_000
const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = ['\u0003', '\u0004', '\b', '\u007f']
/** What terminals put around pasted text. */
const PASTE_MARKS = ['\u001b[200~', '\u001b[201~']

type Input = NodeJS.ReadStream

export function systemAsking(input: Input = process.stdin, output: NodeJS.WritableStream = process.stderr): Asking {
  const lines = lineReader(input)
  const ask = async (question: string, echoes: boolean): Promise<string> => {
    output.write(question)
    const hides = !echoes && input.isTTY === true
    if (hides) input.setRawMode(true)
    try {
      return (await lines.next(hides)).trim()
    } catch (error) {
      // Else the error would stand behind the question.
      if (!hides) output.write('\n')
      throw error
    } finally {
      if (hides) {
        input.setRawMode(false)
        output.write('\n')
      }
    }
  }
  return {
    interactive: input.isTTY === true,
    line: (question) => ask(question, true),
    hidden: (question) => ask(question, false),
  }
}

/** Keeps what came after a line's end: a pipe often delivers several answers at once. */
function lineReader(input: Input): { next(raw: boolean): Promise<string> } {
  let kept = ''
  return {
    next: (raw) =>
      new Promise((resolve, reject) => {
        let typed = ''
        const timer = setTimeout(() => finish(new CommandFailure('Nobody has answered for half an hour.')), WAIT_MS)
        const finish = (result: string | Error): void => {
          clearTimeout(timer)
          input.off('data', take)
          input.off('end', ended)
          input.pause()
          if (typeof result === 'string') resolve(result)
          else reject(result)
        }
        const ended = (): void =>
          finish(
            typed === ''
              ? new CommandFailure(
                  'The input ended before the question was answered. Run this at a terminal, or pipe the answers in, one a line.',
                )
              : typed,
          )
        const take = (chunk: Buffer | string): void => {
          const text = PASTE_MARKS.reduce((rest, mark) => rest.replaceAll(mark, ''), kept + String(chunk))
          kept = ''
          for (const [at, char] of [...text].entries()) {
            if (char === '\n' || char === '\r') {
              kept = [...text]
                .slice(at + 1)
                .join('')
                .replace(char === '\r' ? /^\n/ : /^$/, '')
              return finish(typed)
            }
            if (char === CTRL_C) return finish(new CommandFailure('Stopped.'))
            if (char === CTRL_D && raw) return ended()
            if ((char === BACKSPACE || char === DELETE) && raw) typed = typed.slice(0, -1)
            else typed += char
            if (typed.length > LONGEST) return finish(new CommandFailure(`That is longer than ${LONGEST} characters.`))
          }
        }
        input.on('data', take)
        input.on('end', ended)
        if (kept !== '') take('')
        if (input.readableEnded) ended()
        else input.resume()
      }),
  }
}
