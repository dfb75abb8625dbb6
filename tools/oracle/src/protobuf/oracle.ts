import { toJson } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { checkReads, type ProtobufSchema, parseSchema } from '@penstock/schema';
import { createDice, seedOf } from '../dice.ts';
import type { Pair } from '../pair.ts';
import { type Disagreement, tally, type Verdicts } from '../verdicts.ts';
import { askBuf, type BufReport } from './buf.ts';
import { explain } from './explanations.ts';
import { generateProtoPair } from './generate.ts';
import { type ProtoFile, printProto } from './model.ts';

/** So many files are one image. */
const batchMax = 1_000;

/** Our verdicts on generated pairs against buf's rules for the wire, and our parser against buf's compiler. */
export async function judgeProtobuf(count: number, seed: number): Promise<Verdicts[]> {
  const found: Disagreement[] = [];
  const parsed: Disagreement[] = [];
  let compatible = 0;
  for (let start = 0; start < count; start += batchMax) {
    const length = Math.min(batchMax, count - start);
    const pairs = Array.from({ length }, (_, index) =>
      generateProtoPair(createDice(seedOf(seed, start + index)), `p${start + index}`),
    );
    const report = await askBuf(pairs.map(({ before, after }) => ({ before: printProto(before), after: printProto(after) })));
    for (const [index, pair] of pairs.entries()) {
      const place = { index: start + index, pair };
      const ours = judge(pair);
      if (ours.types.length === 0) compatible += 1;
      found.push(...compare(place, ours.types, report.broken.get(index) ?? []));
      parsed.push(...compareDescriptors(place, ours.schemas, { report, index }));
    }
  }
  return [
    tally({ oracle: 'buf breaking', pairs: count, compatible }, found),
    tally({ oracle: 'buf build', pairs: count, compatible: count }, parsed),
  ];
}

type Place = Pick<Disagreement, 'index'> & { readonly pair: Pair<ProtoFile> };

function judge({ before, after }: Pair<ProtoFile>): { types: string[]; schemas: Pair<ProtobufSchema> } {
  const parse = (file: ProtoFile) => parseSchema({ format: 'PROTOBUF', text: printProto(file) }) as ProtobufSchema;
  const schemas = { before: parse(before), after: parse(after) };
  return { types: checkReads(schemas.after, schemas.before).map(({ type }) => type), schemas };
}

/** What both of them look at, in the words of both. */
const concerns: readonly { readonly ours: readonly string[]; readonly theirs: readonly string[] }[] = [
  {
    ours: ['FIELD_SCALAR_KIND_CHANGED', 'FIELD_KIND_CHANGED', 'FIELD_NAMED_TYPE_CHANGED'],
    theirs: ['FIELD_WIRE_COMPATIBLE_TYPE'],
  },
  { ours: ['FIELD_NUMERIC_LABEL_CHANGED'], theirs: ['FIELD_WIRE_COMPATIBLE_CARDINALITY'] },
  { ours: ['REQUIRED_FIELD_ADDED', 'REQUIRED_FIELD_REMOVED'], theirs: ['MESSAGE_SAME_REQUIRED_FIELDS'] },
  {
    ours: ['MULTIPLE_FIELDS_MOVED_TO_ONEOF', 'FIELD_MOVED_TO_EXISTING_ONEOF', 'ONEOF_FIELD_REMOVED'],
    theirs: ['FIELD_SAME_ONEOF'],
  },
  { ours: ['MESSAGE_REMOVED'], theirs: [] },
  ...['FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED', 'ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED', 'RESERVED_MESSAGE_NO_DELETE'].map(
    (rule) => ({ ours: [], theirs: [rule] }),
  ),
];

function compare({ index, pair }: Place, ours: readonly string[], theirs: readonly string[]): Disagreement[] {
  const known = concerns.flatMap((concern) => [...concern.ours, ...concern.theirs]);
  const unknown = [...ours, ...theirs].filter((type) => !known.includes(type));
  const differing = concerns.flatMap((concern): Disagreement[] => {
    const [own, other] = [
      ours.filter((each) => concern.ours.includes(each)),
      theirs.filter((each) => concern.theirs.includes(each)),
    ];
    if (own.length > 0 === other.length > 0) return [];
    const explanation = explain(own, other, { pair, all: ours });
    return [{ index, explanation, ours: own.join(' '), theirs: other.join(' '), pair }];
  });
  return [...differing, ...unknown.map((type) => ({ index, explanation: null, ours: type, theirs: type, pair }))];
}

function compareDescriptors(
  { index, pair }: Place,
  schemas: Pair<ProtobufSchema>,
  { report, index: place }: { report: BufReport; index: number },
): Disagreement[] {
  return (['before', 'after'] as const).flatMap((side): Disagreement[] => {
    const [ours, theirs] = [plain(schemas[side].file.proto), plain(report[side][place] as FileDescriptorProto)];
    return ours === theirs ? [] : [{ index, explanation: null, ours, theirs, pair }];
  });
}

/** Without positions and comments, and under one name. */
function plain({ ...proto }: FileDescriptorProto): string {
  const bare = { ...proto, name: 'a.proto', sourceCodeInfo: undefined } as FileDescriptorProto;
  return JSON.stringify(toJson(FileDescriptorProtoSchema, bare));
}
