import type { DayVerdict, DriftReading } from '@penstock/training';

/** How a judged day stands to ordinary ones. */
export type Severity = 'ordinary' | 'odd' | 'alarming';

/** What a day brought to light. */
export type WatchNews =
  | { readonly kind: 'raised'; readonly sinceDay: string; readonly verdict: DayVerdict; readonly reason: string }
  | { readonly kind: 'continues'; readonly sinceDay: string; readonly verdict: DayVerdict }
  | { readonly kind: 'cleared'; readonly sinceDay: string; readonly verdict: DayVerdict };

/** So many times its limit is too much for one day. */
const alarmingFactor = 1.5;
/** So many odd days of so many judged ones are an alarm as well. */
const oddDays = 2;
const ofDays = 3;
/** An alarm ends after so many days that are not only below the limit, but well below. */
const calmDays = 2;
const calmFactor = 0.5;

/**
 * Errors decide as long as labels are there: more errors than on any ordinary day are drift, whatever the inputs look like, and
 * inputs or scores that move while the errors do not are weather. Without labels, scores that moved together with an input are odd.
 */
export function severityOf({ readings }: DayVerdict): Severity {
  const errors = readings.find(({ name }) => name === 'error');
  const moved = readings.filter(({ name, drifted }) => drifted && name !== 'error');
  const scoreMoved = moved.some(({ name }) => name === 'score');
  if (errors === undefined) return scoreMoved && moved.length > 1 ? 'odd' : 'ordinary';
  if (!errors.drifted) return 'ordinary';
  return errors.effect > alarmingFactor * errors.limit || moved.length > 0 ? 'alarming' : 'odd';
}

/**
 * Watches the days of one version of a model, in their order. One alarm for one drift: it is raised once, goes on while days are
 * out of the ordinary, and ends only after days that clearly are not.
 */
export class DriftWatch {
  #recent: { readonly day: string; readonly severity: Severity }[] = [];
  #sinceDay: string | null = null;
  #calm = 0;

  /** Since which day there has been an alarm; null: there is none. */
  get alarmedSince(): string | null {
    return this.#sinceDay;
  }

  /** Null: nothing to say. Days with too few rows are passed over. */
  observe(verdict: DayVerdict): WatchNews | null {
    if (!verdict.judged) return null;
    const severity = severityOf(verdict);
    this.#recent = [...this.#recent, { day: verdict.day, severity }].slice(-ofDays);
    if (this.#sinceDay !== null) return this.#whileAlarmed(this.#sinceDay, verdict, severity);
    const odd = this.#recent.filter((recent) => recent.severity !== 'ordinary');
    if (severity === 'ordinary' || (severity === 'odd' && odd.length < oddDays)) return null;
    this.#sinceDay = odd[0]?.day ?? verdict.day;
    this.#calm = 0;
    return { kind: 'raised', sinceDay: this.#sinceDay, verdict, reason: reasonOf(verdict, this.#sinceDay) };
  }

  #whileAlarmed(sinceDay: string, verdict: DayVerdict, severity: Severity): WatchNews | null {
    if (severity !== 'ordinary') {
      this.#calm = 0;
      return { kind: 'continues', sinceDay, verdict };
    }
    this.#calm = isCalm(verdict) ? this.#calm + 1 : 0;
    if (this.#calm < calmDays) return null;
    this.#sinceDay = null;
    this.#recent = [];
    return { kind: 'cleared', sinceDay, verdict };
  }
}

/** Judged by what an alarm is judged by. */
function isCalm({ readings }: DayVerdict): boolean {
  const deciding = readings.find(({ name }) => name === 'error') ?? readings.find(({ name }) => name === 'score');
  return deciding === undefined || deciding.effect < calmFactor * deciding.limit;
}

/** Errors and scores first, then the inputs that moved most. */
function reasonOf({ day, readings }: DayVerdict, sinceDay: string): string {
  const drifted = readings.filter((reading) => reading.drifted).sort(byWeight);
  const parts = drifted.map(describe);
  return `${sinceDay === day ? day : `${sinceDay} to ${day}`}: ${parts.join(', ')}`;
}

function byWeight(left: DriftReading, right: DriftReading): number {
  const rank = ({ name }: DriftReading): number => (name === 'error' ? 2 : name === 'score' ? 1 : 0);
  return rank(right) - rank(left) || right.effect / right.limit - left.effect / left.limit;
}

function describe({ name, effect, limit }: DriftReading): string {
  if (name !== 'error') return `${name} moved (PSI ${effect.toFixed(2)}, limit ${limit.toFixed(2)})`;
  return `errors ${(effect * 100).toFixed(1)} points above ordinary days (limit ${(limit * 100).toFixed(1)})`;
}
