import { alarmRecord, type Catalogue, type CatalogueRecord, runRecord, type TrainingRun } from '@penstock/catalogue';
import { dayNumbers, nameOfDay } from '@penstock/training';
import { lostFile } from '../problems.ts';
import { endOf } from './run-end.ts';
import type { Progress, RunOrder } from './run-order.ts';
import type { StepContext } from './step-context.ts';

/**
 * Moves the alias to the new version if nothing speaks against it, and records how the run ended: in one transaction, and once,
 * however often the step is tried.
 */
export async function promoteModel(order: RunOrder, progress: Progress, context: StepContext): Promise<TrainingRun> {
  const { models, clock } = context;
  await models.write((catalogue) => {
    if (catalogue.run(order.id) !== null) return [];
    const objections = [...(progress.objections ?? ['it was not judged']), ...overtaken(order, progress, catalogue)];
    const reason = objections.length > 0 ? objections.join('; ') : praise(order, progress);
    const end = endOf(order, progress, {
      outcome: objections.length > 0 ? 'refused' : 'promoted',
      reason,
      finishedAtMs: clock.nowMs(),
    });
    return objections.length > 0 ? [runRecord(end)] : [...promotion(order, end, catalogue), runRecord(end)];
  });
  const end = models.catalogue.run(order.id);
  if (end === null) throw lostFile(`run ${order.id}: the record of its end is not in the catalogue`);
  return end;
}

/** The comparison counts only against the model that is still in service. */
function overtaken({ model, alias }: RunOrder, { champion }: Progress, catalogue: Catalogue): string[] {
  const now = catalogue.resolve(model, alias)?.version ?? null;
  const then = champion?.version ?? null;
  if (now === then) return [];
  return [
    `meanwhile ${alias} was moved from version ${then ?? 'none'} to ${now ?? 'none'}: start a run that is compared with that`,
  ];
}

function praise({ gate }: RunOrder, { challenger, comparison }: Progress): string {
  const { metric } = gate;
  const beaten = comparison?.onSameRows === true ? comparison.champion[metric] : undefined;
  const before = beaten === undefined ? '' : `; the model before reached ${beaten.toFixed(4)}`;
  return `${metric} ${challenger?.[metric]?.toFixed(4)} on ${challenger?.['rows']} rows that it had not seen${before}`;
}

function promotion(order: RunOrder, { version, reason, finishedAtMs }: TrainingRun, catalogue: Catalogue): CatalogueRecord[] {
  const to = catalogue.version(order.model, version ?? 0);
  const why = { id: order.id, reason, by: 'retrainer', atMs: finishedAtMs };
  const clearedDay = nameOfDay(dayNumbers([to.manifest.trainedUntilMs])[0] ?? 0);
  const over = catalogue.alarms(order.model).filter((alarm) => alarm.clearedDay === null);
  return [...over.map((alarm) => alarmRecord({ ...alarm, clearedDay })), ...catalogue.move(to, order.alias, why)];
}
