import { unzipSync } from 'fflate'

export interface Unpacked {
  /** Every path of the zip, folders left out. */
  paths: string[]
  /** The files that were asked for. */
  files: Map<string, string>
}

/** Salesforce takes 10,000 files of together 39 MB zipped; external client apps are a few KB. */
const ZIP_LIMIT = 10 * 1024 * 1024
const ENTRIES_LIMIT = 5000
const FILE_LIMIT = 256 * 1024
const TOTAL_LIMIT = 2 * 1024 * 1024

/**
 * Reads the wanted files of a zip as UTF-8; nothing else is inflated. `too-big` for what a zip bomb is: an archive, a file or a sum of
 * files over the limits, by the sizes that the directory declares. A file never gets more room than it declares.
 */
export function unpack(zip: Buffer, wanted: (path: string) => boolean): Unpacked | 'broken' | 'too-big' {
  if (zip.length > ZIP_LIMIT) return 'too-big'
  const paths: string[] = []
  let total = 0
  let tooBig = false
  let inflated: Record<string, Uint8Array>
  try {
    inflated = unzipSync(zip, {
      filter({ name, size, originalSize }) {
        if (tooBig || name.endsWith('/')) return false
        if (paths.length >= ENTRIES_LIMIT) tooBig = true
        paths.push(name)
        if (!wanted(name)) return false
        // More zipped than it is big: the declared size lies, and inflating would take longer than it says.
        total += Math.max(size, originalSize)
        if (Math.max(size, originalSize) > FILE_LIMIT || total > TOTAL_LIMIT || size > originalSize + 1024) tooBig = true
        return !tooBig
      },
    })
  } catch {
    return 'broken'
  }
  if (tooBig) return 'too-big'
  const files = new Map<string, string>()
  for (const [path, bytes] of Object.entries(inflated))
    files.set(
      path,
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    )
  return { paths, files }
}
