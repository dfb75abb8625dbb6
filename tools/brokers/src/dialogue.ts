import { connect } from 'node:net';

const answerDeadlineMs = 2000;

/**
 * Asks one question over TCP on this machine and returns the answer as soon as `enough` holds for the bytes so far.
 * Throws when nothing listens, or the answer is not complete within two seconds.
 */
export function ask(port: number, question: Uint8Array, enough: (answer: Buffer) => boolean): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = connect({ host: '127.0.0.1', port });
  let answer = Buffer.alloc(0);
  socket.setTimeout(answerDeadlineMs, () => reject(new Error(`no answer on port ${port} within ${answerDeadlineMs} ms`)));
  socket.once('error', reject);
  socket.once('close', () => reject(new Error(`port ${port} closed after ${answer.length} bytes of an answer`)));
  socket.once('connect', () => socket.write(question));
  socket.on('data', (chunk) => {
    answer = Buffer.concat([answer, chunk]);
    if (enough(answer)) resolve(answer);
  });
  return promise.finally(() => socket.destroy());
}
