import { Bell } from '@penstock/kernel';

export interface InOrderOptions<Request, Response> {
  /** Begins to answer; called in the order of the requests, the next time when it has resolved. */
  begin(request: Request): Promise<{ readonly answer: Promise<Response> }>;
  /** Requests taken in and not answered. */
  readonly underWayMax: number;
}

/**
 * Answers requests in their order while several of them are under way. Takes no further request while `underWayMax` of them are;
 * ends with the first failure, or when the last one is answered.
 */
export async function* inOrder<Request, Response>(
  requests: AsyncIterable<Request>,
  { begin, underWayMax }: InOrderOptions<Request, Response>,
): AsyncGenerator<Response> {
  const answers: Promise<Response>[] = [];
  const arrived = new Bell();
  const room = new Bell();
  const state = { left: false, ended: false };
  const taking = takeAll();
  taking.catch(() => undefined); // thrown below, after what came before it is answered
  try {
    for (;;) {
      const first = answers[0];
      if (first !== undefined) {
        yield await first;
        answers.shift();
        room.ring();
      } else if (state.ended) return await taking;
      else await arrived.wait();
    }
  } finally {
    state.left = true;
    room.ring();
  }

  async function takeAll(): Promise<void> {
    try {
      for await (const request of requests) {
        const { answer } = await begin(request);
        answer.catch(() => undefined); // thrown when its turn comes
        answers.push(answer);
        arrived.ring();
        while (answers.length >= underWayMax && !state.left) await room.wait();
        if (state.left) return;
      }
    } finally {
      state.ended = true;
      arrived.ring();
    }
  }
}
