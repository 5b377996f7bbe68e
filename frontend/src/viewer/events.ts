import type { ViewerEvents } from './port';

type Listener<K extends keyof ViewerEvents> = (event: ViewerEvents[K]) => void;

/** Listeners by event; one that throws does not keep the others from hearing. */
export class Emitter {
  private readonly listeners = new Map<keyof ViewerEvents, Set<Listener<never>>>();

  on<K extends keyof ViewerEvents>(type: K, listener: Listener<K>): () => void {
    const heard = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, heard);
    heard.add(listener);
    return () => heard.delete(listener);
  }

  emit<K extends keyof ViewerEvents>(type: K, event: ViewerEvents[K]): void {
    for (const listener of [...(this.listeners.get(type) ?? [])] as Listener<K>[]) {
      try {
        listener(event);
      } catch (error) {
        reportError(error);
      }
    }
  }

  clear(): void {
    this.listeners.clear();
  }
}
