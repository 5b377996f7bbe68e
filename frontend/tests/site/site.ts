/** Starts the real site for a browser test and opens signed-in pages; a violation of the security policy is noted. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { FLAGS, chromiumPath } from '../browser/bench';

export interface Site {
  readonly base: string;
  readonly dataset: string;
  readonly folder: string;
  /** What the browser complained about, on any page. */
  readonly complaints: string[];
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Told {
  readonly base: string;
  readonly dataset: string;
  readonly folder: string;
  readonly email: string;
  readonly password: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export function pythonPath(): string | undefined {
  const places = [process.env['VENV'] && `${process.env['VENV']}/bin/python`, here('../../../.venv/bin/python')];
  return places.find((path): path is string => Boolean(path) && existsSync(path as string));
}

export async function openSite(): Promise<Site> {
  const server = spawn(pythonPath() ?? 'python3', [here('site.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const told = await new Promise<Told>((resolve, reject) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (line.startsWith('{')) resolve(JSON.parse(line) as Told);
    });
    server.once('exit', (code) => reject(new Error(`the site ended with ${code}`)));
  });
  const executablePath = chromiumPath();
  const browser = await chromium.launch({ args: [...FLAGS], ...(executablePath ? { executablePath } : {}) });
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'en-GB' });
  const complaints: string[] = [];
  const page = await context.newPage();
  await page.goto(`${told.base}/sign-in/`);
  await page.fill('#id_username', told.email);
  await page.fill('#id_password', told.password);
  await page.keyboard.press('Control+Enter');
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await page.close();
  return {
    ...told,
    complaints,
    newPage: async () => {
      const opened = await context.newPage();
      opened.on('pageerror', (error) => complaints.push(error.message));
      opened.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      return opened;
    },
    close: async () => {
      await browser.close();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.stdin.end();
      await ended;
    },
  };
}
