/** One full-size case (240×240×155): shown, scrolled, answered and submitted; prints how long its parts took. */
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../frontend/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const { address, password, study } = JSON.parse(process.env.STORY);
const FLAGS = [
  '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--no-sandbox', '--disable-quic',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-default-apps',
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
try {
  const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${address}/sign-in/`);
  await page.getByLabel('E-mail').fill('reader@story.invalid');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.includes('sign-in'));
  await page.goto(`${address}/studies/${study}/read/`);
  await page.locator('dialog[open]').waitFor();
  const begun = Date.now();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#read')?.dataset.phase === 'ready');
  console.log(`shown after ${Date.now() - begun} ms`);
  const image = page.locator('.stage > div:not([inert]) [role=img]');
  const label = async () => (await image.getAttribute('aria-label')) ?? '';
  const before = await label();
  for (let step = 0; step < 20; step += 1) await page.keyboard.press('ArrowUp');
  await page.waitForFunction((old) => document.querySelector('.stage > div:not([inert]) [role=img]')?.getAttribute('aria-label') !== old, before);
  const drawn = await page.evaluate(() => {
    const seen = new Set();
    for (const canvas of document.querySelectorAll('.stage canvas')) {
      if (canvas.width === 0) continue;
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 404) seen.add(data[at]);
    }
    return seen.size;
  });
  if (drawn < 20) throw new Error(`the image shows ${drawn} grey values, which is no head`);
  const slots = await page.locator('.card[data-slot]').count();
  for (let slot = 0; slot < slots; slot += 1) await page.keyboard.press('8');
  await page.keyboard.press('Control+Enter');
  for (let slot = 0; slot < slots; slot += 1) for (const key of ['h', 'j']) await page.keyboard.press(key);
  await page.keyboard.press('Control+Enter');
  await page.getByText(/thank you/i).first().waitFor();
  console.log('The full-size case was read.');
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
