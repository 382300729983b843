/** Takes `https://${connectionConfig.subdomain}.example.com/x || https://example.com/x` apart. Templates come from the catalogue alone, never from a caller. */
import { createLru } from '#lib/lru.ts'

export type Part = { literal: string } | { placeholder: string }

/** The alternatives of a template, each in parts. */
export type Template = Part[][]

// Catalogue texts repeat on every call; parsing them once keeps the proxy's hot path short.
const parsed = createLru<string, Template>({ maxEntries: 5000 })

export function parseTemplate(text: string): Template {
  const known = parsed.get(text)
  if (known) return known
  const template = text.split(' || ').map(partsOf)
  parsed.set(text, template)
  return template
}

function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of text.matchAll(/\$\{([^{}]*)\}/g)) {
    if (match.index > at) parts.push({ literal: text.slice(at, match.index) })
    parts.push({ placeholder: (match[1] ?? '').trim() })
    at = match.index + match[0].length
  }
  if (at < text.length) parts.push({ literal: text.slice(at) })
  return parts
}

export function placeholdersOf(template: Template): string[] {
  return template.flat().flatMap((part) => ('placeholder' in part ? [part.placeholder] : []))
}
