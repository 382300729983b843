import type { AppOptions } from './app-options.ts'

/** The value at a path of the element tables, such as `extras.certificate`. */
export function optionAt(options: AppOptions, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], options)
}

/** Puts a value into a draft that `checkAppOptions` reads later; paths come from our own tables only. */
export function putOption(draft: Record<string, unknown>, path: string, value: unknown): void {
  const [first = '', second] = path.split('.')
  if (second === undefined) draft[first] = value
  else draft[first] = { ...(draft[first] as object | undefined), [second]: value }
}
