import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The renderer. Main, preload and engine are built by scripts/build.mjs. */
export default defineConfig({
  root: 'src/renderer',
  base: './',
  plugins: [react()],
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: '../../dist/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    sourcemap: true,
    assetsInlineLimit: 0,
  },
});
