import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Appends ids to a file, one a line: what a publisher was promised, for whoever counts from outside. */
export interface AcknowledgedFile extends Disposable {
  /** Resolves when the id is in the file, in the order of the calls. All ids of one turn of the event loop are one write. */
  append(id: string): Promise<void>;
}

export function openAcknowledgedFile(file: string): AcknowledgedFile {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a');
  let waiting: string[] = [];
  let written: PromiseWithResolvers<void> | null = null;
  let closed = false;
  const flush = (): void => {
    if (written === null) return;
    const { resolve, reject } = written;
    const lines = `${waiting.join('\n')}\n`;
    waiting = [];
    written = null;
    try {
      writeSync(descriptor, lines);
      resolve();
    } catch (thrown) {
      reject(thrown);
    }
  };
  return {
    append(id) {
      if (closed) return Promise.reject(new Error(`${file} is closed`)); // its descriptor may be another file's by now
      waiting.push(id);
      if (written === null) {
        written = Promise.withResolvers<void>();
        setImmediate(flush);
      }
      return written.promise;
    },
    [Symbol.dispose]() {
      if (closed) return;
      flush();
      closed = true;
      closeSync(descriptor);
    },
  };
}
