import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  // The web view serves the files from the root of its own scheme; relative addresses hold there and anywhere else.
  base: './',
  // Never TAURI_: what starts so may hold signing keys, and every variable with the prefix is baked into the bundle.
  envPrefix: 'CAUSEWAY_UI_',
  plugins: [svelte()],
  // Vitest would otherwise take Svelte's server build.
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  server: { port: 1420, strictPort: true, host: '127.0.0.1' },
  build: {
    target: ['es2022', 'safari16'],
    cssTarget: 'safari16',
    sourcemap: false,
    // The policy forbids inline scripts and data: fonts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  test: { include: ['src/**/*.test.ts'] },
}));
