/** Builds the reading screen once as it ships, and opens it in Chromium against a test server of its own per test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { chromiumPath } from '../browser/bench';
import type { StudyOptions } from './server';
import { ReadingServer } from './server';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Software WebGL2, and no traffic of the browser's own (without those flags it waits for the network). */
const FLAGS = [
  '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--no-sandbox', '--disable-quic',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-default-apps',
];

export interface Sitting {
  readonly server: ReadingServer;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly address: string;
  /** Violations of the content security policy, and errors nobody caught. */
  readonly complaints: readonly string[];
}

export class ReadingBench {
  readonly folder: string;
  private readonly browser: Browser;
  private readonly open: Sitting[] = [];

  private constructor(folder: string, browser: Browser) {
    this.folder = folder;
    this.browser = browser;
  }

  static async create(): Promise<ReadingBench> {
    const folder = await mkdtemp(join(tmpdir(), 'reading-'));
    const input = join(root, 'src/screens/read/screen.ts');
    await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true, rollupOptions: { input } } });
    const executablePath = chromiumPath();
    return new ReadingBench(folder, await chromium.launch({ args: FLAGS, ...(executablePath ? { executablePath } : {}) }));
  }

  /** A fresh study and a fresh browser profile; waits until the first case can be answered unless told not to. */
  async sit(options: StudyOptions = {}, { adapter = 'canvas2d', wait = true } = {}): Promise<Sitting> {
    const server = new ReadingServer(this.folder, options);
    const address = `${await server.listen()}/studies/test/read/?adapter=${adapter}`;
    const context = await this.browser.newContext({ viewport: { width: 1366, height: 768 } });
    const complaints: string[] = [];
    const sitting = { server, context, page: await this.tab(context, address, complaints), address, complaints };
    this.open.push(sitting);
    if (wait) await caseShown(sitting.page);
    return sitting;
  }

  async tab(context: BrowserContext, address: string, complaints: string[] = []): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(address);
    return page;
  }

  async closeSittings(): Promise<void> {
    for (const { context, server } of this.open.splice(0)) {
      await context.close();
      await server.close();
    }
  }

  async close(): Promise<void> {
    await this.closeSittings();
    await this.browser.close();
    await rm(this.folder, { recursive: true });
  }
}

/** Wait until a case (with this number, if given) is on screen and takes answers. */
export async function caseShown(page: Page, number?: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const read = document.querySelector<HTMLElement>('#read');
      const shown = document.querySelector('.place')?.textContent ?? '';
      const open = ['ready', 'answering'].includes(read?.dataset['phase'] ?? '');
      return open && (wanted === undefined || shown.startsWith(`${wanted} of`));
    },
    number,
    { timeout: 60_000 },
  );
}

export async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Score three candidates, lock, guess, ready to submit. */
export const answerAll = (page: Page): Promise<void> =>
  press(page, '8', '5', 't', 'Control+Enter', 'h', 'h', 'j', 'a', 'j', 'a', 'a', 'a');

export const checked = (page: Page): Promise<string[]> =>
  page.$$eval('.card input:checked', (inputs) =>
    (inputs as HTMLInputElement[]).map((input) => `${input.name.replace('field', '')}=${input.value}`),
  );
