import type { Names } from '../names.ts';
import { config, type Files, problems } from './component.ts';

const door = ({ pascal }: Names): string => `
export { away, badRecord } from './problems.ts';
export { open${pascal}Source } from './source.ts';
`;

export function sourceFiles(names: Names): Files {
  return {
    'src/config.ts': config(names),
    'src/problems.ts': problems(names),
    'src/index.ts': door(names),
  };
}
