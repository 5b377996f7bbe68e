/** The reader's API, one function per route of the contract. */
import type {
  DraftBody,
  DraftSaved,
  OpenedBody,
  Presentation,
  ReadBody,
  Reading,
  ReadSaved,
  ReportBody,
  Token,
} from './contract';
import { instrumentFrom } from './instrument';
import type { Transport } from './transport';

export class ReadingApi {
  constructor(
    private readonly transport: Transport,
    /** `/api/v1/reading/<member token>/` */
    private readonly base: string,
  ) {}

  async reading(): Promise<Reading> {
    const reading = await this.transport.json<Reading>(this.base);
    return { ...reading, instrument: instrumentFrom({ ...reading.instrument }) };
  }

  presentation(token: Token): Promise<Presentation> {
    return this.transport.json(this.at(token));
  }

  opened(token: Token, body: OpenedBody): Promise<unknown> {
    return this.transport.json(this.at(token, 'opened/'), { method: 'POST', body });
  }

  saveDraft(token: Token, body: DraftBody, leaving = false): Promise<DraftSaved> {
    return this.transport.json(this.at(token, 'draft/'), { method: 'PUT', body, keepalive: leaving });
  }

  submit(token: Token, key: string, body: ReadBody): Promise<ReadSaved> {
    return this.transport.json(this.at(token, 'read/'), { method: 'POST', body, idempotencyKey: key });
  }

  report(token: Token, key: string, body: ReportBody): Promise<unknown> {
    return this.transport.json(this.at(token, 'report/'), { method: 'POST', body, idempotencyKey: key });
  }

  private at(token: Token, rest = ''): string {
    return `/api/v1/presentations/${encodeURIComponent(token)}/${rest}`;
  }
}
