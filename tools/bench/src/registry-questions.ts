import { type SchemaFormat, schemaFormats } from '@penstock/schema';
import type { Contender } from './registry-contenders.ts';
import type { Question } from './registry-load.ts';
import { bodyOf } from './registry-schemas.ts';

export const versions = 5;
const contentType = 'application/vnd.schemaregistry.v1+json';
let salts = 0;

/** Sets what checks are to compare with, and registers five versions in each format. Answers the id of the last Avro one. */
export async function furnish({ url }: Contender): Promise<number> {
  await send(`${url}/config`, 'PUT', JSON.stringify({ compatibility: 'BACKWARD_TRANSITIVE' }));
  let id = 0;
  for (const format of [...schemaFormats].reverse())
    for (let version = 1; version <= versions; version += 1)
      id = ((await send(`${url}/subjects/${subjectOf(format)}/versions`, 'POST', bodyOf(format, version))) as { id: number }).id;
  return id;
}

/** By name: what is asked. Bodies of what is new differ from request to request. */
export function questionsOf(id: number): Readonly<Record<string, Question>> {
  const avro = subjectOf('AVRO');
  const last = bodyOf('AVRO', versions);
  const earlier = bodyOf('AVRO', 3);
  const checks = schemaFormats.flatMap((format): [string, Question][] => {
    const path = `/compatibility/subjects/${subjectOf(format)}/versions`;
    const known = bodyOf(format, versions, 0);
    return [
      [`check ${format} again`, fixed('POST', path, known)],
      [
        `check ${format}`,
        varied(
          () => path,
          () => bodyOf(format, versions, nextSalt()),
        ),
      ],
    ];
  });
  return {
    'get by id': fixed('GET', `/schemas/ids/${id}`),
    'get latest': fixed('GET', `/subjects/${avro}/versions/latest`),
    lookup: fixed('POST', `/subjects/${avro}`, earlier),
    'register existing': fixed('POST', `/subjects/${avro}/versions`, last),
    'register new': registerNew(),
    ...Object.fromEntries(checks),
  };
}

/** A new schema in a new subject, each time. */
function registerNew(): Question {
  let salt = 0;
  const path = (): string => {
    salt = nextSalt();
    return `/subjects/new-${salt}/versions`;
  };
  return varied(path, () => bodyOf('AVRO', versions, salt));
}

function fixed(method: Question['method'], path: string, body?: string): Question {
  return { method, path: () => path, body: body === undefined ? undefined : () => body, isVaried: false };
}

function varied(path: () => string, body: () => string): Question {
  return { method: 'POST', path, body, isVaried: true };
}

function subjectOf(format: SchemaFormat): string {
  return `readings-${format.toLowerCase()}`;
}

function nextSalt(): number {
  salts += 1;
  return salts;
}

async function send(url: string, method: string, body: string): Promise<unknown> {
  const response = await fetch(url, { method, headers: { 'content-type': contentType }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** What is answered to each question that stays the same, for a contender that only answers. */
export async function answersOf(
  { url }: Contender,
  questions: Readonly<Record<string, Question>>,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const { method, path, body, isVaried } of Object.values(questions)) {
    if (isVaried) continue;
    const sent = body === undefined ? {} : { body: body(), headers: { 'content-type': contentType } };
    answers[`${method} ${path()}`] = await (await fetch(url + path(), { method, ...sent })).text();
  }
  return answers;
}
