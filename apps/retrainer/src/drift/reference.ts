import { calibrateDrift, type Day, type DayVerdict, type DriftReference, judgeDay, tooFewDays } from '@penstock/training';

/**
 * What ordinary days look like to a model: all days, and workdays and weekends apart where there were enough of them. As plain
 * data, kept beside the model.
 */
export interface DayReference {
  readonly all: DriftReference;
  readonly workdays: DriftReference | null;
  readonly weekends: DriftReference | null;
}

/**
 * Learns from days of the training period, each scored by a model that has not seen it. Null: too few whole days to say what is
 * ordinary.
 */
export function calibrateDays(scored: readonly Day[], inputs: readonly string[]): DayReference | null {
  const days = ordinaryDays(scored);
  const all = calibrate(days, inputs);
  if (all === null) return null;
  return {
    all,
    workdays: calibrate(
      days.filter(({ day }) => !isWeekend(day)),
      inputs,
    ),
    weekends: calibrate(
      days.filter(({ day }) => isWeekend(day)),
      inputs,
    ),
  };
}

const outlierFactor = 3;
const outlierRise = 0.1;

/**
 * A day on which a model fails that knows all the others is no ordinary one: most likely a drift began on it. Left in, it would
 * make any later failure look ordinary.
 */
function ordinaryDays(days: readonly Day[]): readonly Day[] {
  const rates = days.map(errorRateOf).filter((rate) => !Number.isNaN(rate));
  const upperQuartile = rates.toSorted((left, right) => left - right)[Math.floor(rates.length * 0.75)] ?? 0;
  const most = Math.max(upperQuartile * outlierFactor, upperQuartile + outlierRise);
  return days.filter((day) => !(errorRateOf(day) > most));
}

/** NaN where no label is known. */
function errorRateOf({ errors }: Day): number {
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function calibrate(days: readonly Day[], inputs: readonly string[]): DriftReference | null {
  try {
    return calibrateDrift(days, inputs);
  } catch (thrown) {
    if (tooFewDays.caused(thrown)) return null;
    throw thrown;
  }
}

/** The limits for errors of the model before, for one whose own days are too few; inputs and scores have changed and are not judged. */
export function inheritReference({ all, workdays, weekends }: DayReference): DayReference {
  const errorsOnly = (reference: DriftReference): DriftReference => ({ ...reference, columns: [] });
  return {
    all: errorsOnly(all),
    workdays: workdays === null ? null : errorsOnly(workdays),
    weekends: weekends === null ? null : errorsOnly(weekends),
  };
}

/** Compares a day with those of its kind. */
export function judgeByKind({ all, workdays, weekends }: DayReference, day: Day): DayVerdict {
  return judgeDay((isWeekend(day.day) ? weekends : workdays) ?? all, day);
}

function isWeekend(day: string): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
}
