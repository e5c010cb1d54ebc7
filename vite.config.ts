import { join } from 'node:path'
import { defineConfig } from 'vite'

/** The explorer: a page that needs nothing from elsewhere, and runs under a policy that allows no script or style in the page itself. */
export default defineConfig({
  root: join(import.meta.dirname, 'src/explorer'),
  appType: 'spa',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: join(import.meta.dirname, 'dist/explorer'),
    emptyOutDir: true,
    // The client reads numbers with `JSON.rawJSON`; whatever has that has all the rest.
    target: ['chrome123', 'edge123', 'firefox135', 'safari18.4'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      // Some libraries say "use client", which means something to frameworks alone.
      onwarn: (warning, warn) => (warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning)),
    },
  },
})
