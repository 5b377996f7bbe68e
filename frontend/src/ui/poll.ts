/** Live progress: an element with `data-poll="url"` shows what the server says, asked every two seconds, cheaply. */

const EVERY_MS = 2000;
const SLOWEST_MS = 30000;

/** Keep every `data-poll` element below `root` up to date; it stops by itself when the new one names no address. */
export function pollFragments(root: ParentNode, dress: (root: ParentNode) => void): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-poll]')) void poll(element, dress);
}

async function poll(element: HTMLElement, dress: (root: ParentNode) => void): Promise<void> {
  let current = element;
  let etag = '';
  let wait = EVERY_MS;
  while (current.isConnected && current.dataset['poll']) {
    await pause(wait);
    if (document.hidden) continue;
    const answer = await ask(current.dataset['poll'] ?? '', etag);
    // A server that does not answer is asked less and less often, never given up.
    wait = answer === null ? Math.min(wait * 2, SLOWEST_MS) : EVERY_MS;
    if (answer?.gone) return;
    if (!answer?.element) continue;
    etag = answer.etag;
    current.replaceWith(answer.element);
    current = answer.element;
    dress(current);
  }
}

interface Answer {
  element: HTMLElement | null;
  etag: string;
  gone: boolean;
}

async function ask(url: string, etag: string): Promise<Answer | null> {
  try {
    const headers: HeadersInit = etag ? { 'If-None-Match': etag } : {};
    const response = await fetch(url, { headers, credentials: 'same-origin', cache: 'no-store' });
    if (response.status === 304) return { element: null, etag, gone: false };
    if (response.redirected || [401, 403, 404].includes(response.status)) return { element: null, etag, gone: true };
    if (!response.ok) return null;
    return { element: firstElement(await response.text()), etag: response.headers.get('ETag') ?? '', gone: false };
  } catch {
    return null;
  }
}

/** Return the first element of a fragment from our own server; scripts in it never run. */
export function firstElement(html: string): HTMLElement | null {
  const found = new DOMParser().parseFromString(html, 'text/html').body.firstElementChild;
  return found instanceof HTMLElement ? document.importNode(found, true) : null;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
