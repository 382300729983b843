import { join } from 'node:path'
import { build, type Rolldown } from 'vite'

/** This client as the one minified module that a product's own build makes of it. */
export async function bundle(): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    root: import.meta.dirname,
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: join(import.meta.dirname, 'hawser.ts'), preserveEntrySignatures: 'strict' },
    },
  })) as Rolldown.RolldownOutput
  const [chunk, ...more] = built.output
  if (chunk?.type !== 'chunk' || more.length > 0) throw new Error('one module was expected')
  return chunk.code
}
