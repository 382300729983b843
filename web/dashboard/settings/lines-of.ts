/** What was typed or pasted, one a line or separated by commas; trimmed, without empty ones, none twice. */
export function linesOf(text: string): string[] {
  return [...new Set(text.split(/[\n,]/).map((line) => line.trim()))].filter((line) => line !== '')
}

/** Connection ids may hold commas. */
export function wholeLinesOf(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '')
}
