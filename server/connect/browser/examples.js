/**
 * Splits a text at what looks like code: host names, and words in straight quotes. They stay on one line, if one is long enough, and else break before
 * a dot; never inside `acme--uat`, nor before the full stop behind it.
 */
export function withExamples(text) {
  return text
    .split(/((?:"[^"\s]+"|[a-z0-9-]+(?:\.[a-z0-9-]+){2,})[.,;:]*)/i)
    .flatMap((piece, at) => (at % 2 === 0 ? piece : unbroken(piece)))
}

function unbroken(example) {
  const whole = document.createElement('span')
  whole.className = 'example'
  const parts = example.split(/(?=\.\w)/).flatMap((part, at) => {
    const span = document.createElement('span')
    span.className = 'unbroken'
    span.textContent = part
    return at === 0 ? [span] : [document.createElement('wbr'), span]
  })
  whole.append(...parts)
  return whole
}
