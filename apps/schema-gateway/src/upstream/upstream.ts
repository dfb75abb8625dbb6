import { createHash } from 'node:crypto';
import { type Clock, messageOf } from '@penstock/kernel';
import { upstreamAway, upstreamSilent } from '../problems.ts';
import { takesMore } from '../rest/takes-more.ts';
import { AnswerCache, type KeptAnswer } from './answer-cache.ts';
import { isFailing, isKeepable, isMissing, isRegistrys } from './judge-answer.ts';
import { type Question, readQuestion } from './question.ts';
import type { Reachability } from './reachability.ts';
import type { UpstreamOptions } from './settings.ts';
import type { UpstreamAnswer, UpstreamClient, UpstreamRequest } from './upstream-client.ts';

export type UpstreamLimits = Pick<UpstreamOptions, 'answerMsMax' | 'freshMs' | 'versionMs' | 'unknownMs' | 'cacheBytesMax'>;

export interface UpstreamParts {
  readonly client: UpstreamClient;
  readonly reachability: Pick<Reachability, 'isAway' | 'lost' | 'suspect'>;
  readonly clock: Clock;
  readonly limits: UpstreamLimits;
}

interface Flight {
  readonly question: Question;
  readonly answer: Promise<UpstreamAnswer>;
  /** Something was changed meanwhile: what comes back may be from before. */
  isOvertaken: boolean;
}

/** More would only wait for connections. */
const callsMax = 4_096;
/** They say who asks, and change no answer but by what it takes. */
const tellingHeaders = /^(user-agent|confluent-client-.*)$/;

/**
 * A registry behind a cache. What was answered once is answered again, by what it is: see `QuestionKind`. The same question is under way
 * once at a time. While upstream is away, what is known is answered with its age, and everything else refused.
 */
export class Upstream {
  readonly #parts: UpstreamParts;
  readonly #cache: AnswerCache;
  readonly #flights = new Map<string, Flight>();
  #calls = 0;

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
    this.#cache = new AnswerCache(parts.limits.cacheBytesMax);
  }

  get isAway(): boolean {
    return this.#parts.reachability.isAway;
  }

  /** Throws `gateway.upstream-away` (nothing happened) and `gateway.upstream-silent` (of a change: something may have happened). */
  ask(request: UpstreamRequest, question: Question = readQuestion(request.method, request.url)): Promise<UpstreamAnswer> {
    const { kind } = question;
    if (kind === 'write' || kind === 'register') return this.#change(request, question);
    if (kind === 'other') return this.#send(request);
    return this.#read(keyOf(request), request, question);
  }

  async #read(key: string, request: UpstreamRequest, question: Question): Promise<UpstreamAnswer> {
    const kept = this.#cache.get(key);
    const nowMs = this.#parts.clock.nowMs();
    if (kept !== undefined && nowMs < kept.freshUntilMs) return kept.answer;
    const known = kept !== undefined && !isMissing(kept.answer) ? kept : null;
    if (known !== null && this.isAway) return staleAnswer(known, nowMs);
    const answered = this.#fly(key, request, question);
    if (known !== null && question.kind === 'version') {
      answered.catch(() => undefined); // the next one asks again
      return known.answer;
    }
    try {
      const answer = await answered;
      return known !== null && isFailing(answer) ? staleAnswer(known, nowMs) : answer;
    } catch (thrown) {
      if (known === null || !upstreamAway.caused(thrown)) throw thrown;
      return staleAnswer(known, nowMs);
    }
  }

  #fly(key: string, request: UpstreamRequest, question: Question): Promise<UpstreamAnswer> {
    const under = this.#flights.get(key);
    if (under !== undefined) return under.answer;
    const askedMs = this.#parts.clock.nowMs();
    const flight: Flight = { question, answer: this.#fetch(request), isOvertaken: false };
    this.#flights.set(key, flight);
    const landed = (answer: UpstreamAnswer | null): void => {
      if (flight.isOvertaken) return;
      this.#flights.delete(key);
      if (answer !== null) this.#keep(key, question, { answer, askedMs });
    };
    flight.answer.then(landed, () => landed(null));
    return flight.answer;
  }

  async #fetch(request: UpstreamRequest): Promise<UpstreamAnswer> {
    try {
      return await this.#send(request);
    } catch (thrown) {
      // A read changes nothing: whether it got there does not matter.
      if (upstreamSilent.caused(thrown)) throw upstreamAway(thrown.message, { cause: thrown });
      throw thrown;
    }
  }

  #keep(key: string, question: Question, { answer, askedMs }: { answer: UpstreamAnswer; askedMs: number }): void {
    if (!isKeepable(answer)) return;
    const { freshMs, versionMs, unknownMs } = this.#parts.limits;
    const known = { content: Number.POSITIVE_INFINITY, version: versionMs }[question.kind as string] ?? freshMs;
    const forMs = isMissing(answer) ? unknownMs : known;
    this.#cache.set(key, { answer, question, keptMs: askedMs, freshUntilMs: askedMs + forMs });
  }

  async #change(request: UpstreamRequest, question: Question): Promise<UpstreamAnswer> {
    try {
      const answer = await this.#send(request);
      if (answer.status < 400 || answer.status >= 500) this.#overtake(question, request.method);
      return answer;
    } catch (thrown) {
      if (upstreamSilent.caused(thrown)) this.#overtake(question, request.method);
      throw thrown;
    }
  }

  /** Forgets what a change touches, also what is on its way. */
  #overtake(change: Question, method: string): void {
    const isGone = method === 'DELETE' && change.query.get('permanent') === 'true';
    const isRegistered = change.kind === 'register';
    const touches = ({ kind, subject }: Question, answer: UpstreamAnswer | null): boolean => {
      const isPositive = answer !== null && !isMissing(answer);
      if (kind === 'content') return isGone || !isPositive;
      if (!isRegistered || change.subject === null) return true;
      // A new version takes nothing from those that are numbered, and does not concern other subjects.
      if (kind === 'version' && isPositive) return false;
      return subject === null || subject === change.subject;
    };
    this.#cache.drop(({ question, answer }: KeptAnswer) => touches(question, answer));
    for (const [key, flight] of this.#flights) {
      if (!touches(flight.question, null)) continue;
      flight.isOvertaken = true;
      this.#flights.delete(key);
    }
  }

  async #send(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const { client, reachability, limits } = this.#parts;
    if (this.isAway) throw upstreamAway('The registry upstream is away: try again');
    if (this.#calls >= callsMax) throw upstreamAway(`${callsMax} calls of the registry upstream are under way: try again`);
    this.#calls += 1;
    try {
      const answer = await client.send(request, limits.answerMsMax);
      if (isRegistrys(answer)) return answer;
      reachability.suspect();
      const said = `The registry upstream is away: ${answer.status} came from what stands in front of it`;
      throw (answer.status === 401 ? upstreamAway : upstreamSilent)(said, { facts: { status: answer.status } });
    } catch (thrown) {
      // What took too long may have stood in line.
      const isSlow = upstreamSilent.caused(thrown) || (upstreamAway.caused(thrown) && thrown.facts['timedOut'] === true);
      if (isSlow) reachability.suspect();
      else if (upstreamAway.caused(thrown)) reachability.lost(messageOf(thrown));
      throw thrown;
    } finally {
      this.#calls -= 1;
    }
  }
}

/** With its age, as RFC 9111 says it (110: the response is stale). */
function staleAnswer({ answer, keptMs }: KeptAnswer, nowMs: number): UpstreamAnswer {
  const age = String(Math.max(0, Math.floor((nowMs - keptMs) / 1_000)));
  return { ...answer, headers: { ...answer.headers, age, warning: '110 - "Response is Stale"' } };
}

function keyOf({ method, url, headers, body }: UpstreamRequest): string {
  const told = Object.entries(headers).filter(([name]) => !tellingHeaders.test(name));
  const hash = body === null ? '' : createHash('sha256').update(body).digest('base64');
  return JSON.stringify([method, url, told, hash, takesMore(headers)]);
}
