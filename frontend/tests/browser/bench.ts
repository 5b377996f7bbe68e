/** Builds the laboratory page as it would ship, serves it under our content security policy, opens it in Chromium. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { build } from 'vite';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

/** Software WebGL2, and no traffic of the browser's own (without those flags it waits for the network). */
export const FLAGS = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
];

export interface Bench {
  newPage(width?: number, height?: number): Promise<Page>;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

async function buildPage(outDir: string): Promise<void> {
  const input = join(root, 'tests/pages/viewer.html');
  await build({ root, logLevel: 'warn', build: { outDir, emptyOutDir: true, rollupOptions: { input } } });
}

function serve(folder: string): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)).replace(/^\/static/, '');
    readFile(join(folder, path)).then(
      (body) => {
        response.setHeader('content-security-policy', POLICY);
        response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () =>
      done({ port: (server.address() as AddressInfo).port, close: () => server.close() }),
    );
  });
}

export function chromiumPath(): string | undefined {
  const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'];
  return places.find((path): path is string => path !== undefined && existsSync(path));
}

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'viewer-'));
  await buildPage(folder);
  const server = await serve(folder);
  const executablePath = chromiumPath();
  const browser = await chromium.launch({ args: FLAGS, ...(executablePath ? { executablePath } : {}) });
  return {
    async newPage(width = 700, height = 480) {
      const page = await browser.newPage({ viewport: { width, height } });
      await page.goto(`http://127.0.0.1:${server.port}/static/tests/pages/viewer.html`);
      await page.waitForFunction(() => 'lab' in window);
      await page.evaluate(() => document.fonts.load("12px 'Inter Variable'"));
      return page;
    },
    async close() {
      await browser.close();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
