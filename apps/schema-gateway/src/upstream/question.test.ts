import { expect, test } from '@jest/globals';
import { readQuestion } from './question.ts';

test.each([
  ['GET /', 'moving', null],
  ['GET /schemas/ids/1', 'content', null],
  ['GET /schemas/ids/1?subject=s', 'content', null],
  ['GET /schemas/ids/1/versions', 'moving', null],
  ['GET /schemas/guids/x/ids', 'moving', null],
  ['GET /schemas/types', 'moving', null],
  ['GET /subjects/a%2Fb/versions/3', 'version', 'a/b'],
  ['GET /subjects/s/versions/3/schema', 'version', 's'],
  ['GET /subjects/s/versions/3/referencedby', 'moving', 's'],
  ['GET /subjects/s/versions/-1', 'moving', 's'],
  ['GET /subjects/%3A.%3As/versions', 'moving', 's'],
  ['GET /contexts/.c/subjects/s/versions', 'moving', ':.c:s'],
  ['GET /contexts/:.c:/subjects/s/versions', 'moving', ':.c:s'],
  ['GET /config/s?defaultToGlobal=true', 'moving', 's'],
  ['GET /exporters', 'other', null],
  ['HEAD /schemas/ids/1', 'other', null],
  ['POST /subjects/s', 'verdict', 's'],
  ['POST /subjects/s?normalize=true', 'verdict', 's'],
  ['POST /compatibility/subjects/s/versions/latest', 'verdict', 's'],
  ['POST /subjects/s/versions', 'register', 's'],
  ['PUT /config', 'write', null],
  ['DELETE /subjects/s/versions/1', 'write', 's'],
  ['POST /dek-registry/v1/keks', 'write', null],
  ['GET /subjects/%zz/versions', 'moving', '%zz'],
])('%s', (line, kind, subject) => {
  const [method = '', url = ''] = line.split(' ');
  expect(readQuestion(method, url)).toMatchObject({ kind, subject });
});
