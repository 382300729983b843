const LARGEST_BYTES = 64 * 1024
const TYPES = ['image/png', 'image/jpeg', 'image/webp']

/** As a data URL. Rejects with an Error that says what is wrong; the server looks into the picture besides. */
export async function readLogo(file: File): Promise<string> {
  if (!TYPES.includes(file.type)) throw new Error('That is no PNG, JPEG or WebP. SVG is not taken: it can hold programs.')
  if (file.size > LARGEST_BYTES) throw new Error(`That file has ${Math.ceil(file.size / 1024)} kB; at most 64 are taken.`)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const reader = new FileReader()
  reader.addEventListener('load', () => resolve(String(reader.result)))
  reader.addEventListener('error', () => reject(new Error('The file could not be read.')))
  reader.readAsDataURL(file)
  return promise
}
