import type { MessagePort } from 'node:worker_threads';
import { Problem } from '@penstock/kernel';
import { openSession, type Session } from './session.ts';
import type { PlainProblem, Question, Reply } from './thread-messages.ts';

/**
 * Answers the questions that come through a port, one after the other, from the models that it was told to load. Runs in a
 * thread of its own.
 */
export function serveModels(port: MessagePort, open = openSession): void {
  const sessions = new Map<number, Promise<Session>>();

  async function answer(question: Question): Promise<Reply> {
    const { number } = question;
    if (question.ask === 'hello') return { number, hello: true };
    const { model } = question;
    if (question.ask === 'load') {
      const opening = open(question.bytes, question.inputs);
      sessions.set(model, opening);
      const { signature, kind } = await opening;
      return { number, loaded: { signature, kind } };
    }
    const session = await sessions.get(model);
    if (question.ask === 'run') {
      if (session === undefined) throw new TypeError(`model ${model} was not loaded here`);
      return { number, answer: await session.run(question.features, question.rows) };
    }
    sessions.delete(model);
    await session?.release();
    return { number, unloaded: true };
  }

  async function serve(question: Question): Promise<void> {
    try {
      const reply = await answer(question);
      port.postMessage(reply, 'answer' in reply ? buffersOf(reply.answer) : []);
    } catch (thrown) {
      if (question.ask === 'load') sessions.delete(question.model);
      port.postMessage({ number: question.number, problem: plain(thrown) } satisfies Reply);
    }
  }

  let last = Promise.resolve();
  port.on('message', (question: Question) => {
    last = last.then(() => serve(question));
  });
}

function buffersOf({ labels, scores }: { labels: Float64Array; scores: Float64Array }): ArrayBuffer[] {
  return [...new Set([labels.buffer, scores.buffer])] as ArrayBuffer[];
}

/** A defect ends the thread: the pool replaces it. */
function plain(thrown: unknown): PlainProblem {
  if (!(thrown instanceof Problem)) throw thrown;
  return { kind: thrown.kind, message: thrown.message, facts: thrown.facts };
}
