/** What happens when another tab, window or computer works on the same presentation. */
import type { SavedDraft } from '../../api/contract';
import type { Desk } from './desk';
import type { Face } from './parts';
import type { Prepared } from './prepare';
import type { Safekeeping } from './safekeeping';

export interface TabsNeed {
  readonly desk: Desk;
  readonly keeping: Safekeeping;
  readonly face: Face;
  readOnly(on: boolean): void;
  save(): void;
  current(): Prepared | null;
  /** Ask the server anew, after delivering what the journal holds when `deliver`. */
  reopen(deliver: boolean): Promise<void>;
}

export class Tabs {
  constructor(private readonly need: TabsNeed) {}

  /** Another tab has taken over, or had this study open already. */
  async lost(): Promise<void> {
    const { keeping, face } = this.need;
    this.need.readOnly(true);
    await keeping.closeDrafts(false);
    keeping.endDrafts();
    face.trouble({ is: 'elsewhere' });
  }

  /** Write here again, from what the journal and the server now hold. */
  async takeOver(): Promise<void> {
    this.need.readOnly(false);
    await this.need.reopen(true);
  }

  lookOnly(): void {
    this.need.readOnly(true);
    if (!this.need.current()) void this.need.reopen(false);
  }

  conflict(theirs: SavedDraft): void {
    this.need.readOnly(true);
    this.need.face.trouble({ is: 'conflict', theirs });
  }

  /** Keep the answers shown here over the newer draft. */
  keepMine(theirs: SavedDraft): void {
    this.need.readOnly(false);
    this.need.save();
    this.need.keeping.overrule(theirs);
  }

  /** Go on with the newer draft. */
  async takeTheirs(theirs: SavedDraft): Promise<void> {
    const presentation = this.need.current()?.presentation;
    if (!presentation) return;
    const { keeping, desk } = this.need;
    await keeping.closeDrafts(false);
    desk.takeUp(presentation, theirs.content);
    keeping.startDrafts(presentation.token, theirs.revision);
    this.need.readOnly(false);
    this.need.save();
  }
}
