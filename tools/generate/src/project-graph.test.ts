import { expect, test } from '@jest/globals';
import { pictureOf } from './project-graph.ts';

const project = (folder: string, ...imports: string[]) => ({
  name: folder.split('/').at(-1) ?? '',
  folder,
  imports: new Set(imports),
});

test('projects stand in their layers, and an arrow that a longer way implies is left out', () => {
  const picture = pictureOf([
    project('apps/preprocessor', 'runner', 'kafka', 'kernel'),
    project('libs/runner', 'kafka', 'service', 'kernel'),
    project('libs/components/kafka', 'pipeline', 'kernel', 'unknown'),
    project('libs/pipeline', 'kernel'),
    project('libs/service', 'kernel'),
    project('libs/kernel'),
  ]);
  expect(picture.split('\n').map((line) => line.trim())).toEqual([
    'flowchart TB',
    ...[
      'subgraph layer0[apps]',
      'preprocessor',
      'end',
      'subgraph layer1[assembly]',
      'runner',
      'end',
      'subgraph layer2[components]',
      'kafka',
      'end',
    ],
    ...['subgraph layer3[kits]', 'pipeline', 'service', 'end', 'subgraph layer4[kernel]', 'kernel', 'end'],
    ...['kafka --> pipeline', 'pipeline --> kernel', 'preprocessor --> runner', 'runner --> kafka', 'runner --> service'],
    ...['service --> kernel', ''],
  ]);
});
