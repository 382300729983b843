/** Builds one app: `vite build --mode connect` or `--mode dashboard`, into `web/dist/<app>`. `npm run build:web` builds both. */
import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Tells the browser of the Connect UI's page chunk right in the HTML, so that it comes along with the small entry that imports it. */
function preloadPage(): Plugin {
  return {
    name: 'preload-page',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.values(bundle ?? {})
          .filter((chunk) => chunk.type === 'chunk' && chunk.isDynamicEntry && chunk.name === 'page')
          .map(({ fileName }) => ({ tag: 'link', attrs: { rel: 'modulepreload', href: `./${fileName}` }, injectTo: 'head' as const })),
    },
  }
}

// eslint-disable-next-line import/no-default-export -- vite reads the default export
export default defineConfig(({ mode }) => ({
  root: join(import.meta.dirname, mode),
  // Relative: the server may stand under a path of its own, which is known only at run time.
  base: './',
  plugins: [react(), tailwindcss(), ...(mode === 'connect' ? [preloadPage()] : [])],
  build: {
    outDir: join(import.meta.dirname, 'dist', mode),
    emptyOutDir: true,
    target: 'es2022',
    // Data URLs would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
}))
