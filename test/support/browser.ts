import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect, inject, onTestFinished } from 'vitest';
import { openConsoleGateway, signInByCookie } from './console-world.ts';
import { ADMIN } from './first-node.ts';
import type { Gateway } from './gateway.ts';

// What the functions find that run in the page.
declare const document: any;
declare const window: any;

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const pictures = fileURLToPath(new URL('../console/pictures/', import.meta.url));

let connecting: Promise<Browser> | undefined;

/** Returns the browser of the run, to which this process connects once. */
function connectBrowser(): Promise<Browser> {
  return (connecting ??= chromium.connect(inject('browser')));
}

/** Opens a page of any site in a browser of its own. */
export async function openPage(url: string): Promise<Page> {
  const browser = await connectBrowser();
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  return page;
}

/** A window of the console: a browser with cookies of its own. */
export interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page was not supposed to do: violations of its policy, errors in its console, exceptions. */
  readonly faults: readonly string[];
  /** Opens another page with the same cookies. */
  another(): Promise<Page>;
}

/** The forms in which every page has to be good: both themes, on a desk and on a narrow phone. */
export const forms = [
  ['light', 1280],
  ['dark', 1280],
  ['light', 320],
  ['dark', 320],
] as const;

export interface WindowOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  /** Who is signed in; null: nobody. Default: the administrator. */
  readonly credentials?: { readonly email: string; readonly password: string } | null;
}

/** A console with a gateway of its own. Its browser has the time of the gateway. */
export interface ConsoleWorld {
  readonly gateway: Gateway;
  open(path: string, options?: WindowOptions): Promise<Window>;
}

export async function openConsoleWorld(options: Parameters<typeof openConsoleGateway>[0] = {}): Promise<ConsoleWorld> {
  const gateway = await openConsoleGateway(options);
  return { gateway, open: (path, windowOptions) => openWindow(gateway, path, windowOptions) };
}

/** Opens a window at a path of a gateway, with a session unless nobody is to be signed in. */
export async function openWindow(gateway: Gateway, path: string, options: WindowOptions = {}): Promise<Window> {
  const { theme = 'light', width = 1280, credentials = ADMIN } = options;
  const browser = await connectBrowser();
  const context = await browser.newContext({
    baseURL: gateway.url,
    colorScheme: theme,
    viewport: { width, height: width < 500 ? 700 : 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  onTestFinished(() => context.close());
  await context.clock.setFixedTime(gateway.clock.now());
  if (credentials !== null) await addSession(context, gateway, credentials);
  const faults: string[] = [];
  const another = async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await watch(page, faults);
    return page;
  };
  const page = await another();
  await page.goto(path);
  return { context, page, faults, another };
}

async function addSession(
  context: BrowserContext,
  gateway: Gateway,
  credentials: { readonly email: string; readonly password: string },
): Promise<void> {
  const { cookie } = await signInByCookie(gateway, credentials);
  const [name = '', value = ''] = cookie.split('=');
  const { hostname } = new URL(gateway.url);
  await context.addCookies([
    { name, value, domain: hostname, path: '/', secure: true, httpOnly: true, sameSite: 'Strict' },
  ]);
}

/** Notes violations of the policy, errors and exceptions of a page. The 401 of a stranger is an error in every browser. */
async function watch(page: Page, faults: string[]): Promise<void> {
  page.on('pageerror', ({ message }) => faults.push(`exception: ${message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/the server responded with a status of 401/.test(text)) faults.push(text);
  });
  await page.exposeFunction('noteViolation', (text: string) => void faults.push(`violation: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }: any) => {
      const { noteViolation } = globalThis as unknown as { noteViolation(text: string): void };
      noteViolation(`${violatedDirective} ${blockedURI} ${sourceFile}`);
    });
  });
}

/** Finds no fault of accessibility in the page as it is (WCAG 2.2 AA, and best practice), and no sideways scrolling. */
export async function expectAccessible(page: Page): Promise<void> {
  // A page that loads its script has its heading with it.
  await page.locator('h1').first().waitFor();
  // Through the inspector: the policy of the page allows no script of ours.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: any[] }> } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node: any) => node.html).join(' ')}`);
  });
  expect(found).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'pixels that the page is too wide').toBeLessThanOrEqual(0);
}

/** Keeps a picture of a whole page, for people who look at what they have changed. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
}
