/** One tab per reading: whoever holds the browser's lock writes; others look, or take over. */

export interface TabLock {
  /** True when this tab writes. */
  readonly held: boolean;
  /** Take it from the other tab, which is told through its `onLost`. */
  takeOver(): Promise<void>;
}

/** Ask for the lock of `name`; without the Web Locks API every tab writes and the server's 409 decides. */
export async function lockTab(
  name: string,
  onLost: () => void,
  locks: LockManager | undefined = navigator.locks as LockManager | undefined,
): Promise<TabLock> {
  let held = await request(false);

  function request(steal: boolean): Promise<boolean> {
    if (!locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const granted = (lock: Lock | null): Promise<void> | undefined => {
        resolve(lock !== null);
        return lock ? new Promise<void>(() => undefined) : undefined;
      };
      locks.request(name, steal ? { steal } : { ifAvailable: true }, granted).catch(() => {
        held = false;
        resolve(false);
        onLost();
      });
    });
  }

  return {
    get held() {
      return held;
    },
    async takeOver() {
      held = await request(true);
    },
  };
}
