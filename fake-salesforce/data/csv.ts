/** Writes rows as RFC 4180 does, with `\n` line ends as Bulk API 2.0 answers by default. */
export function writeCsv(rows: string[][]): string {
  return rows.map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`).join('')
}

/** Reads RFC 4180; `\n` and `\r\n` end a line, a quoted cell may hold both. Undefined when a quote is never closed. */
export function parseCsv(text: string): string[][] | undefined {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  let touched = false
  const endRow = (): void => {
    if (touched) rows.push([...row, cell])
    row = []
    cell = ''
    touched = false
  }
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (quoted) {
      if (character !== '"') cell += character
      else if (text[i + 1] === '"') cell += text[++i]
      else quoted = false
    } else if (character === '"' && cell === '') {
      quoted = true
      touched = true
    } else if (character === ',') {
      row.push(cell)
      cell = ''
      touched = true
    } else if (character === '\n' || (character === '\r' && text[i + 1] === '\n')) {
      if (character === '\r') i += 1
      endRow()
    } else {
      cell += character
      touched = true
    }
  }
  if (quoted) return undefined
  endRow()
  return rows
}
