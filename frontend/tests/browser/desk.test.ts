/** The desk script on a page of its own, in Chromium, under our content security policy. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'";
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
];
const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let browser: Browser;
let server: Server;
let page: Page;
let posted: { url: string; body: string; token: string | undefined }[];
let asked: (string | undefined)[];
let complaints: string[];

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '/';
  response.setHeader('Content-Security-Policy', POLICY);
  if (request.method === 'POST') {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    posted.push({ url, body, token: request.headers['x-csrftoken'] as string | undefined });
    response.end('<!doctype html><title>sent</title>');
  } else if (url === '/progress') {
    progress(request, response);
  } else {
    const file = url === '/' ? 'tests/pages/desk.html' : url.replace(/^\/static\//, '');
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(await readFile(join(folder, file)));
  }
}

/** Half done, unchanged, then done; the last fragment names no address, so nobody asks again. */
function progress(request: IncomingMessage, response: ServerResponse): void {
  asked.push(request.headers['if-none-match']);
  if (asked.length === 2) response.statusCode = 304;
  response.setHeader('ETag', `"${asked.length}"`);
  const half = '<p id="progress" data-poll="/progress">1 of 2</p>';
  response.end(asked.length < 3 ? half : '<p id="progress"><img src="x" onerror="alert(1)">2 of 2</p>');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'desk-'));
  const input = join(root, 'tests/pages/desk.html');
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true, rollupOptions: { input } } });
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const found = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  browser = await chromium.launch({ ...(found ? { executablePath: found } : {}), args: FLAGS });
});

afterAll(async () => {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  [posted, asked, complaints] = [[], [], []];
  const context = await browser.newContext({ timezoneId: 'Europe/Berlin', locale: 'en-GB' });
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) complaints.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

afterEach(async () => {
  await page.context().close();
});

const column = (n: number): Promise<string[]> => page.locator(`tbody td:nth-child(${n})`).allTextContents();

it('shows times in the browser zone with UTC beside them, and tells the server the zone once', async () => {
  expect(await page.textContent('#at')).toBe('2 Jul 2026, 00:05');
  expect(await page.getAttribute('#at', 'title')).toBe('2026-07-01 22:05 UTC');
  await expect.poll(() => posted).toEqual([
    { url: '/zone', body: 'time_zone=Europe%2FBerlin&from_browser=1', token: 'token-1' },
  ]);
  expect(complaints).toEqual([]);
});

it('sorts a table by its headings with the empty cell last', async () => {
  await page.click('text=Reads');
  expect(await column(2)).toEqual(['9', '100', '–']);
  await page.click('text=Reads');
  expect(await column(2)).toEqual(['100', '9', '–']);
  expect(await page.getAttribute('th:nth-child(2)', 'aria-sort')).toBe('descending');
  await page.click('th >> text=Reader');
  expect(await column(1)).toEqual(['R1', 'R2', 'R10']);
  expect(await page.locator('.sort').count()).toBe(2);
});

it('shows the keys of the page, gives the focus back, and keeps out of texts', async () => {
  await page.focus('summary');
  await page.keyboard.press('?');
  expect(await page.textContent('dialog')).toContain('Next case');
  await page.keyboard.press('Escape');
  expect(await page.locator('dialog').count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY');

  await page.focus('#text');
  await page.keyboard.type('?n');
  expect(await page.inputValue('#text')).toBe('?n');
  expect(await page.locator('dialog').count()).toBe(0);
});

it('follows a key that the page names', async () => {
  await page.keyboard.press('n');
  expect(new URL(page.url()).hash).toBe('#next');
});

it('sends a form by Ctrl+Enter with its primary button', async () => {
  await page.fill('#text', 'seen');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL('**/sent');
  expect(posted.at(-1)?.body).toBe('text=seen&how=plain');
});

it('closes what cannot be undone only when its name was typed', async () => {
  await page.click('text=Close it');
  const yes = page.locator('dialog .danger, dialog .primary');
  expect(await yes.isDisabled()).toBe(true);
  await page.click('dialog >> text=Cancel');
  expect(posted.filter(({ url }) => url === '/sent')).toEqual([]);

  await page.click('text=Close it');
  await page.fill('dialog input', 'Glioma');
  await yes.click();
  await page.waitForURL('**/sent');
  expect(posted.at(-1)?.body).toBe('how=closed');
});

it('closes a menu by Esc and by a click elsewhere', async () => {
  await page.click('summary');
  await page.keyboard.press('Escape');
  expect(await page.getAttribute('details', 'open')).toBeNull();
  await page.click('summary');
  await page.click('#at');
  expect(await page.getAttribute('details', 'open')).toBeNull();
});

it('follows progress until the server names no address, asking with the tag it was given', async () => {
  await expect.poll(() => page.textContent('#progress'), { timeout: 15_000 }).toBe('2 of 2');
  await page.waitForTimeout(2500);
  expect(asked).toEqual([undefined, '"1"', '"1"']);
  expect(complaints.filter((words) => words.includes('alert'))).toEqual([]);
});
