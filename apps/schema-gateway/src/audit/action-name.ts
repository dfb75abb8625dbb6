import type { Need } from '../access/need.ts';

/** By the path of REST or the name of the method, as changes of our own topics are called. */
const names: readonly (readonly [where: RegExp, action: string])[] = [
  [/^POST \/subjects\/:subject\/versions$|\/Register$/, 'schema.register'],
  [/^DELETE \/subjects\/:subject\/versions\/:version$|\/DeleteVersion$/, 'schema.delete'],
  [/^DELETE \/subjects\/:subject$|\/DeleteSubject$/, 'subject.delete'],
  [/^PUT \/config|\/SetConfig$/, 'config.set'],
  [/^DELETE \/config|\/DeleteConfig$/, 'config.remove'],
  [/^PUT \/mode|\/SetMode$/, 'mode.set'],
  [/^DELETE \/mode|\/DeleteMode$/, 'mode.remove'],
];

/** What a change at a door is called; what is none of those that are known goes by where it was asked. */
export function actionAt(where: string, { action: right }: Pick<Need, 'action'>): string {
  const found = names.find(([pattern]) => pattern.test(where))?.[1] ?? where;
  return right === 'purge' ? found.replace('.delete', '.purge') : found;
}
