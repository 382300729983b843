import { isSecretName, REDACTED, redactFields, redactText } from './redact.ts'

/** A text that should be JSON, perhaps cut off, without what looks like a secret; any other text by the form of secrets alone. Never throws. */
export function redactJsonText(text: string): string {
  const whole = parsed(text)
  return whole === undefined ? redactPart(text) : redactText(JSON.stringify(redactFields(whole)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const FIELD = /"((?:[^"\\]|\\.){1,200})"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,"{}[\]]+)/g

/** Of a text that breaks off. A secret that is an object goes on in fields of its own, which are named alike or have the form of a secret. */
function redactPart(text: string): string {
  return redactText(
    text.replace(FIELD, (all, name: string, colon: string) => (isSecretName(name) ? `"${name}"${colon}"${REDACTED}"` : all)),
  )
}
