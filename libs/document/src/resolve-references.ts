import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { messageOf } from '@penstock/kernel';
import { holdsReference, referencePattern } from './language/references.ts';
import { missingSecret } from './problems.ts';

/**
 * The settings with values in place of `${env:NAME}` and `${file:PATH}`. Written out as JSON or by `console.log` they still show
 * the references, so that no secret gets into a log by accident. Throws `document.missing-secret`.
 */
export function resolveReferences<Config>(config: Config, env: NodeJS.ProcessEnv): Config {
  return resolve(config, env) as Config;
}

function resolve(value: unknown, env: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') return holdsReference(value) ? resolveText(value, env) : value;
  if (Array.isArray(value)) return value.map((element) => resolve(element, env));
  if (typeof value !== 'object' || value === null) return value;
  const resolved = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, env)]));
  return Object.defineProperties(resolved, {
    toJSON: { value: () => value },
    [inspect.custom]: { value: () => value },
  });
}

function resolveText(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(referencePattern, (reference, name: string) => {
    const [kind, ...rest] = name.split(':');
    const value = kind === 'env' ? env[rest.join(':')] : readSecret(rest.join(':'), reference);
    if (value === undefined || value === '') throw missingSecret(`${reference} is not set`, { facts: { reference } });
    return value;
  });
}

/** Without the line break that editors leave at the end. */
function readSecret(path: string, reference: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw missingSecret(`${reference} cannot be read: ${messageOf(cause)}`, { facts: { reference }, cause });
  }
}
