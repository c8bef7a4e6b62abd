import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the window's page. The shells serve it from there and put a nonce of their own where the placeholder stands. */
export default defineConfig({
  root: 'src-renderer',
  publicDir: false,
  plugins: [react(), tailwindcss()],
  html: { cspNonce: 'CSP_NONCE' },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome128',
    // A data: URL would not pass the policy for scripts, and files are as near as the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  server: {
    host: '127.0.0.1',
    proxy: proxies(process.env.TESSERA_SERVE ?? 'http://127.0.0.1:4780'),
  },
});

/**
 * `npm run dev` takes the page from Vite and everything else from a running `tessera serve`, once its link was opened in
 * the same browser. It answers only pages of its own, so Vite asks in its name.
 */
function proxies(target: string) {
  const options = { target, ws: true, changeOrigin: true, headers: { origin: target } };
  return { '/session': options, '/socket': options, '/blobs': options };
}
