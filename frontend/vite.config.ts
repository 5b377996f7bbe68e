/** Every `src/screens/<name>/screen.ts` is one page's script; `src/ui/desk.ts` serves the server-rendered pages. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function entries(): Record<string, string> {
  const screens = at('./src/screens');
  const names = existsSync(screens) ? readdirSync(screens) : [];
  const found = names
    .map((name) => [name, `${screens}/${name}/screen.ts`] as const)
    .filter(([, path]) => existsSync(path));
  const desk = at('./src/ui/desk.ts');
  return Object.fromEntries(existsSync(desk) ? [...found, ['desk', desk] as const] : found);
}

export default defineConfig({
  base: '/static/',
  publicDir: false,
  resolve: {
    alias: [
      // NiiVue can read Zarr through WebAssembly decoders; we never do, and CSP forbids them: ship none.
      { find: /^numcodecs\/(blosc|zstd|lz4|gzip|zlib)$/, replacement: at('./src/viewer/niivue/no-codec.ts') },
    ],
  },
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    sourcemap: false,
    // An inlined font, script or style would be a data: URL that the content security policy refuses.
    assetsInlineLimit: 0,
    // NiiVue alone is larger; it is fetched only where a graphics card draws.
    chunkSizeWarningLimit: 1000,
    modulePreload: { polyfill: false },
    target: 'es2023',
    rollupOptions: { input: entries() },
  },
});
