/** Patterns of URL paths: `*` is any text within one part, `/*` at the end everything below. No other sign has a meaning. */

/**
 * Whether the pattern lets the path through. Given another pattern as `path`, whether it lets through all that this one does: the `*` of the
 * narrower one is only ever met by a `*` of the wider one, which stands for whatever it stands for.
 */
export function patternCovers(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const parts = path.split('/')
  const below = pattern.endsWith('/*')
  if (below ? parts.length < wanted.length : parts.length !== wanted.length) return false
  const fixed = below ? wanted.length - 1 : wanted.length
  for (let at = 0; at < fixed; at++) if (!partCovers(wanted[at]!, parts[at]!)) return false
  return true
}

/** The leftmost match of each piece is enough, so this takes no backtracking. */
function partCovers(wanted: string, part: string): boolean {
  const [head = '', ...pieces] = wanted.split('*')
  if (pieces.length === 0) return wanted === part
  const tail = pieces.pop()!
  if (part.length < head.length + tail.length || !part.startsWith(head) || !part.endsWith(tail)) return false
  const middle = part.slice(head.length, part.length - tail.length)
  let from = 0
  for (const piece of pieces) {
    const found = middle.indexOf(piece, from)
    if (found === -1) return false
    from = found + piece.length
  }
  return true
}
