import { expect, test } from '@jest/globals';
import { withoutContextPath } from './context-path.ts';

test.each([
  ['/contexts/.c/subjects/s/versions/latest', '/subjects/%3A.c%3As/versions/latest'],
  ['/contexts/c/subjects/a%2Fb/', '/subjects/%3A.c%3Aa%2Fb'],
  ['/contexts/:.c:/subjects/subjects/versions', '/subjects/%3A.c%3Asubjects/versions'],
  [
    '/contexts/%3A.c%3A/compatibility/subjects/s/versions?verbose=true',
    '/compatibility/subjects/%3A.c%3As/versions?verbose=true',
  ],
  ['/contexts/.c/subjects/:.d:s', '/subjects/:.d:s'],
  ['/contexts/./subjects/s', '/subjects/s'],
  ['/contexts/:.:/subjects', '/subjects?subjectPrefix='],
  ['/contexts/.c/subjects', '/subjects?subjectPrefix=%3A.c%3A'],
  ['/contexts/.c/schemas?subjectPrefix=s&deleted=true', '/schemas?subjectPrefix=%3A.c%3As&deleted=true'],
  ['/contexts/.c/schemas/ids/1', '/schemas/ids/1?subject=%3A.c%3A'],
  ['/contexts/.c/schemas/ids/1/subjects?subject=s', '/schemas/ids/1/subjects?subject=%3A.c%3As'],
  ['/contexts/.c/config', '/config/%3A.c%3A'],
  ['/contexts/.c/mode/s', '/mode/%3A.c%3As'],
  ['/contexts/./config', '/config'],
  ['/contexts', '/contexts'],
  ['/contexts/.c', '/contexts/.c'],
  ['/contexts/a:b/subjects', '/contexts/a:b/subjects'],
  ['/contexts/.c/schemas/types', '/schemas/types'],
  ['/subjects/contexts', '/subjects/contexts'],
])('%s is %s', (given, expected) => {
  expect(withoutContextPath(given)).toBe(expected);
});
