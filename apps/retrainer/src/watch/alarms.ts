import { alarmRecord, type DriftAlarm, type ModelVersion, type OpenCatalogue } from '@penstock/catalogue';
import { type DayVerdict, dayNumbers, nameOfDay } from '@penstock/training';
import type { WatchNews } from '../drift/drift-watch.ts';

/** The alarm that stands for a version; null: none does. */
export function standingAlarm(
  { catalogue }: Pick<OpenCatalogue, 'catalogue'>,
  { model, version }: ModelVersion,
): DriftAlarm | null {
  return catalogue.alarms(model).findLast((alarm) => alarm.version === version && alarm.clearedDay === null) ?? null;
}

/**
 * Records what a day brought to light, and answers the alarm as it is now. Null: the same was known already, since days are
 * judged anew after a restart.
 */
export async function recordNews(
  models: OpenCatalogue,
  news: WatchNews,
  about: { readonly version: ModelVersion; readonly pipeline: string; readonly atMs: number },
): Promise<DriftAlarm | null> {
  const id = `${about.version.model}/${about.version.version}/${news.sinceDay}`;
  let recorded: DriftAlarm | null = null;
  await models.write((catalogue) => {
    const known = catalogue.alarms(about.version.model).find((alarm) => alarm.id === id) ?? null;
    const now = known === null ? raised(id, news, about) : changed(known, news);
    recorded = now === known ? null : now;
    return recorded === null ? [] : [alarmRecord(recorded)];
  });
  return recorded;
}

/** Ends the alarms of versions that are not in service any more. */
export async function clearOthers(models: OpenCatalogue, { model, version, manifest }: ModelVersion): Promise<void> {
  const isOver = (alarm: DriftAlarm): boolean => alarm.version !== version && alarm.clearedDay === null;
  if (!models.catalogue.alarms(model).some(isOver)) return;
  await models.write((catalogue) => {
    const clearedDay = nameOfDay(dayNumbers([manifest.trainedUntilMs])[0] ?? 0);
    return catalogue
      .alarms(model)
      .filter(isOver)
      .map((alarm) => alarmRecord({ ...alarm, clearedDay }));
  });
}

/** Null when the news are of an alarm that was never raised. */
function raised(id: string, news: WatchNews, about: Parameters<typeof recordNews>[2]): DriftAlarm | null {
  if (news.kind !== 'raised') return null;
  const { day } = news.verdict;
  return {
    id,
    model: about.version.model,
    version: about.version.version,
    pipeline: about.pipeline,
    sinceDay: news.sinceDay,
    day,
    lastDay: day,
    raisedAtMs: about.atMs,
    reason: news.reason,
    readings: readingsOf(news.verdict),
    clearedDay: null,
  };
}

function changed(known: DriftAlarm, { kind, verdict }: WatchNews): DriftAlarm {
  if (known.clearedDay !== null && verdict.day <= known.clearedDay) return known;
  if (kind === 'cleared') return known.clearedDay === null ? { ...known, clearedDay: verdict.day } : known;
  // Its model was out of service for a while, and is no better than it was.
  if (known.clearedDay !== null) return { ...known, clearedDay: null, lastDay: verdict.day };
  return verdict.day > known.lastDay ? { ...known, lastDay: verdict.day } : known;
}

function readingsOf({ readings }: DayVerdict): DriftAlarm['readings'] {
  return readings.map(({ name, effect, limit, drifted }) => ({ name, effect, limit, drifted }));
}
