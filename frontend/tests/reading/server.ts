/**
 * A test server: it speaks the reader's API from memory so that the screen can be walked through without Django.
 *
 * It keeps the rules that matter to the screen (revisions rise by one, one read per idempotency key, only the current
 * presentation takes answers, every answer required) and can be told to misbehave. It is no part of the product.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { DraftBody, Instrument, ReadBody, ReadSaved, SavedDraft, Submitted } from '../../src/api/contract';
import type { Blob } from './phantoms';
import { SHAPE, blob, masks, volume } from './phantoms';

/** The template study in the instrument's plain form. */
export const INSTRUMENT = {
  code: 'likert_turing',
  version: '1',
  questions: [
    {
      code: 'score', kind: 'likert', scope: 'candidate', block: 'scores', required: true, minimum: 1, maximum: 10, acceptable_at: 7,
      wording: 'How good is this segmentation?',
      anchors: { '1': 'Worst', '7': 'Clinically acceptable for volumetry', '10': 'Perfect' },
    },
    {
      code: 'origin', kind: 'origin6', scope: 'candidate', block: 'origin', required: true,
      wording: 'Who made this segmentation, a human or an AI?',
      labels: ['Surely human', 'Probably human', 'Rather human', 'Rather AI', 'Probably AI', 'Surely AI'],
    },
    { code: 'comment', kind: 'text', scope: 'candidate', block: 'scores', required: false, wording: 'Comment (optional)' },
  ],
  not_assessable_reasons: [
    { code: 'artefact', label: 'Image quality too poor (motion or other artefact)' },
    { code: 'other', label: 'Other, see comment' },
  ],
} as const;

const COLOURS = [[230, 159, 0], [86, 180, 233], [204, 121, 167]] as const;
const STYLES = ['solid', 'long-dash', 'short-dash'] as const;
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
};
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'",
  "font-src 'self'", "worker-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
].join('; ');

interface Case {
  readonly token: string;
  readonly practice: boolean;
  readonly volumes: readonly { readonly sequence: string; readonly blob: Blob }[];
  readonly masks: Blob;
  draft: SavedDraft | null;
  submitted: Submitted | null;
}

export interface Faults {
  /** Answer everything with 401. */
  signedOut: boolean;
  /** Send these tokens' masks with one changed byte. */
  damaged: Set<string>;
  /** Store the next so many reads but cut the line before answering. */
  loseAnswers: number;
  /** Milliseconds before every answer to a read. */
  slowReads: number;
}

export interface StudyOptions {
  readonly instrument?: Partial<Instrument>;
  readonly sequences?: readonly string[];
  readonly cases?: number;
  readonly practice?: number;
  readonly instructions?: string;
  readonly empty?: Readonly<Record<number, readonly number[]>>;
  readonly order?: 'scores_then_origin' | 'together';
  readonly breakCases?: number;
}

const token = (): string => randomBytes(16).toString('hex');

export class ReadingServer {
  readonly faults: Faults = { signedOut: false, damaged: new Set(), loseAnswers: 0, slowReads: 0 };
  readonly reads: (ReadBody & { readonly token: string; readonly key: string })[] = [];
  readonly notes: unknown[] = [];
  readonly opened: string[] = [];
  readonly drafts: DraftBody[] = [];
  readonly cases: readonly Case[];
  /** All that was sent to the reader's browser as JSON. */
  readonly sent: string[] = [];
  csrf = token();
  private readonly member = token();
  private readonly keys = new Map<string, { readonly body: string; readonly answer: ReadSaved }>();
  private readonly server: Server;

  constructor(
    private readonly assets: string,
    private readonly options: StudyOptions = {},
  ) {
    const count = (options.cases ?? 4) + (options.practice ?? 0);
    this.cases = Array.from({ length: count }, (_, at) => this.makeCase(at));
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((done) => this.server.listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }

  private makeCase(at: number): Case {
    const sequences = this.options.sequences ?? ['T2'];
    return {
      token: token(),
      practice: at < (this.options.practice ?? 0),
      volumes: sequences.map((sequence, n) => ({ sequence, blob: blob(volume(at, 420 - 160 * n)) })),
      masks: blob(masks(at, this.options.empty?.[at] ?? [])),
      draft: null,
      submitted: null,
    };
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://test').pathname;
    if (path.startsWith('/static/')) return this.asset(path.slice('/static/'.length), response);
    if (path === '/studies/test/read/') return this.page(response);
    if (!path.startsWith('/api/v1/')) return void response.writeHead(404).end();
    if (this.faults.signedOut) return this.problem(response, 401, 'session.ended', 'Sign in again.');
    if (path === `/api/v1/reading/${this.member}/`) return this.json(response, 200, this.reading());
    const [, found, rest] = /^\/api\/v1\/presentations\/([0-9a-f]+)\/(.*)$/.exec(path) ?? [];
    const presentation = this.cases.find((each) => each.token === found);
    if (!presentation) return this.problem(response, 404, 'not_found', 'There is nothing here.');
    return this.presentation(presentation, rest ?? '', request, response);
  }

  private async presentation(on: Case, rest: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') return this.get(on, rest, response);
    if (request.headers['x-csrftoken'] !== this.csrf) return this.problem(response, 403, 'csrf.failed', 'Reload the page.');
    const body = JSON.parse(await text(request)) as never;
    if (rest === 'opened/') {
      this.opened.push(on.token);
      return this.json(response, 200, { opened_at: new Date().toISOString() });
    }
    if (rest === 'draft/') return this.draft(on, body, response);
    const key = String(request.headers['idempotency-key'] ?? '');
    if (rest === 'read/') return this.read(on, key, body, response);
    this.notes.push(body);
    this.json(response, 201, { at: new Date().toISOString() });
  }

  private get(on: Case, rest: string, response: ServerResponse): void {
    const [, volumeAt] = /^volumes\/(\d)\/$/.exec(rest) ?? [];
    if (volumeAt !== undefined) return this.bytes(response, on.volumes[Number(volumeAt)]?.blob ?? on.masks, false);
    if (rest === 'candidates/') return this.bytes(response, on.masks, this.faults.damaged.has(on.token));
    this.json(response, 200, this.shown(on));
  }

  private shown(on: Case): unknown {
    const kind = this.cases.filter((each) => each.practice === on.practice);
    const at = `/api/v1/presentations/${on.token}/`;
    return {
      token: on.token,
      practice: on.practice,
      number: kind.indexOf(on) + 1,
      of: kind.length,
      volumes: on.volumes.map(({ sequence, blob: { bytes, hex } }, n) => ({
        sequence, url: `${at}volumes/${n}/`, sha256: hex, bytes: bytes.length, window: [0, 900],
      })),
      candidates: { url: `${at}candidates/`, base: 6, bytes_per_voxel: 1, shape: SHAPE },
      slots: ['A', 'B', 'C'].map((letter, n) => ({ letter, colour: COLOURS[n], line_style: STYLES[n] })),
      draft: on.draft,
      submitted: on.submitted,
    };
  }

  private place(): Omit<ReadSaved, 'read' | 'submitted_at'> {
    const left = this.cases.filter((each) => each.submitted === null);
    const done = this.cases.filter((each) => each.submitted !== null);
    const main = (cases: readonly Case[], practice: boolean): number =>
      cases.filter((each) => each.practice === practice).length;
    return {
      progress: {
        done: main(done, false), planned: main(this.cases, false),
        practice_done: main(done, true), practice_planned: main(this.cases, true),
      },
      current: left[0]?.token ?? null,
      upcoming: left.slice(1, 4).map((each) => each.token),
      previous: done.at(-1)?.token ?? null,
    };
  }

  private reading(): unknown {
    return {
      study: { title: 'Acceptability of tumour outlines', code: 'test', instructions: this.options.instructions ?? '' },
      instrument: { ...INSTRUMENT, ...this.options.instrument },
      display: {
        interpolation: 'linear', overlays_off_at_first: false, solo_allowed: true, start: 'largest_slice',
        windows: { T2: [{ name: 'Brain', low: 0, high: 900 }, { name: 'Oedema', low: 200, high: 800 }] },
        convention: 'radiological', fill_opacity: 15, outline_px: 2,
      },
      policy: {
        navigation: 'forward_only', order: this.options.order ?? 'scores_then_origin',
        break_minutes: 40, break_cases: this.options.breakCases ?? 25,
      },
      ...this.place(),
    };
  }

  private draft(on: Case, body: DraftBody, response: ServerResponse): void {
    this.drafts.push(body);
    const { revision, content } = on.draft ?? { revision: 0, content: null };
    if (body.revision !== revision + 1) {
      const current = { revision, content };
      return this.problem(response, 409, 'draft.stale', 'Newer answers are saved.', { current });
    }
    on.draft = { revision: body.revision, content: body.content, active_ms: body.active_ms };
    this.json(response, 200, { revision: body.revision, saved_at: new Date().toISOString() });
  }

  private async read(on: Case, key: string, body: ReadBody, response: ServerResponse): Promise<void> {
    if (this.faults.slowReads > 0) await new Promise((done) => setTimeout(done, this.faults.slowReads));
    const known = this.keys.get(key);
    if (known) return known.body === JSON.stringify(body) ? this.json(response, 200, known.answer) : this.problem(response, 422, 'key.reused', 'This key was used for other answers.');
    if (on.submitted && !body.correction) return this.problem(response, 409, 'presentation.submitted', 'This case is submitted.');
    if (!on.submitted && on.token !== this.place().current) return this.problem(response, 409, 'presentation.not_open', 'This case is not open.');
    const missing = this.missing(body);
    if (missing.length > 0) return this.problem(response, 422, 'answers.invalid', 'Some answers are missing.', { fields: missing });
    on.submitted = { revision: (on.submitted?.revision ?? 0) + 1, answers: body.answers };
    on.draft = null;
    this.reads.push({ ...body, token: on.token, key });
    const answer = { read: token(), submitted_at: new Date().toISOString(), ...this.place() };
    this.keys.set(key, { body: JSON.stringify(body), answer });
    if (this.faults.loseAnswers-- > 0) return void response.destroy();
    this.json(response, 201, answer);
  }

  private missing({ answers }: ReadBody): unknown[] {
    if ('not_assessable' in answers) return [];
    const given = (slot: string, question: string): boolean => answers.candidates[slot]?.[question] !== undefined;
    return ['A', 'B', 'C'].flatMap((slot) =>
      ['score', 'origin']
        .filter((question) => !given(slot, question))
        .map((question) => ({ pointer: `/candidates/${slot}/${question}`, code: 'missing', detail: 'Answer this.' })),
    );
  }

  private bytes(response: ServerResponse, { bytes, base64 }: Blob, damage: boolean): void {
    const body = damage ? Buffer.from(bytes) : bytes;
    if (damage) body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Digest': `sha-256=:${base64}:` };
    response.writeHead(200, { ...headers, 'Cache-Control': 'private, no-store' }).end(body);
  }

  private json(response: ServerResponse, status: number, body: unknown): void {
    const bytes = JSON.stringify(body);
    this.sent.push(bytes);
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-store' }).end(bytes);
  }

  private problem(response: ServerResponse, status: number, code: string, detail: string, more: object = {}): void {
    const body = JSON.stringify({ code, title: code, detail, fields: [], ...more });
    response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(body);
  }

  private async page(response: ServerResponse): Promise<void> {
    const manifest = JSON.parse(await readFile(join(this.assets, '.vite/manifest.json'), 'utf8')) as Manifest;
    const entry = manifest['src/screens/read/screen.ts'];
    const styles = (entry?.css ?? []).map((file) => `<link rel="stylesheet" href="/static/${file}">`).join('');
    const html = `<!doctype html><html lang="en" data-theme="reading-room"><head><meta charset="utf-8"><title>Reading</title>
      <meta name="csrf-token" content="${this.csrf}">${styles}
      <script type="module" src="/static/${entry?.file}"></script></head>
      <body><main><div id="read" data-reading="/api/v1/reading/${this.member}/" data-home="/"></div></main></body></html>`;
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': POLICY }).end(html);
  }

  private async asset(file: string, response: ServerResponse): Promise<void> {
    const body = await readFile(join(this.assets, file)).catch(() => null);
    if (!body) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
  }
}

type Manifest = Readonly<Record<string, { readonly file: string; readonly css?: readonly string[] }>>;

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
