/**
 * What is built: the main process and the three other Node entries (`out/main/*.js`, ESM, dependencies left outside), the
 * preload script (`out/preload/index.cjs`: a sandboxed preload is CommonJS and loads nothing), and the page
 * (`out/renderer`).
 */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const entries = {
  index: 'src/main/index.ts',
  cli: 'src/main/cli/index.ts',
  'engine-host': 'src/engine-host/index.ts',
  'document-converter': 'src/main/documents/convert/index.ts',
}
const input = Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(resolve(path))))

export default defineConfig({
  main: {
    build: {
      target: 'node24',
      sourcemap: true,
      license: { fileName: 'licenses.md' },
      rollupOptions: {
        input,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        input: { index: resolve('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    build: {
      minify: true,
      license: { fileName: 'licenses.md' },
      // Nothing is inlined as a data: URL, so that the page's CSP can refuse them for everything but images.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Read from the disk or from this machine: one file is fetched sooner than several.
      chunkSizeWarningLimit: 1500,
      rollupOptions: { input: resolve('src/renderer/index.html') },
    },
  },
})
