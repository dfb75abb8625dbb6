import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const betweenBytes = 8_388_608;

/**
 * A replay reads much and keeps little, most of it outside of V8's heap, where V8 hardly looks: what is left of it would stay with the
 * process for ever. So it is collected on the way.
 */
export class ReplayGarbage implements Disposable {
  #collect: (() => void) | null;
  #bytes = 0;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
  }

  /** Bytes that were read and are not needed any more. */
  add(bytes: number): void {
    if (this.#collect === null) return;
    this.#bytes += bytes;
    if (this.#bytes < betweenBytes) return;
    this.#bytes = 0;
    this.#collect();
  }

  /** The topic was read: from here on V8 knows better, and what a request leaves behind dies in a nursery that grows with the load. */
  [Symbol.dispose](): void {
    setFlagsFromString('--semi-space-growth-factor=2');
    this.#collect?.();
    this.#collect = null;
  }
}
