import { dispatch } from '@penstock/contracts';
import { createGrpcClient, type GrpcClient } from '@penstock/service';
import { readAddresses } from '../command-line/addresses.ts';
import { type Call, defineCommand, type Options } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { grpcOptions } from '../command-line/grpc-options.ts';
import { instant, show, table } from '../command-line/output.ts';
import { parseCount } from '../command-line/parse-call.ts';
import { type ShownRecord, shownBytes, shownRecordOf } from './shown-record.ts';

const lsOptions = {
  pipeline: { type: 'string', short: 'p', default: '', value: 'name', says: 'only of this pipeline' },
  stage: { type: 'string', short: 's', default: '', value: 'name', says: 'only of this stage' },
  code: {
    type: 'string',
    short: 'c',
    default: '',
    value: 'code',
    says: 'only refused for this reason, such as schema.unknown-id',
  },
  count: { type: 'string', short: 'n', default: '20', value: 'n', says: 'at most so many' },
} as const;

/** A dead letter as it is printed. */
interface ShownDeadLetter {
  readonly id: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly code: string;
  readonly message: string;
  readonly lane: string;
  readonly position: number;
  readonly record: ShownRecord;
  /** As it was refused, bit for bit. */
  readonly payload: string | null;
}

export const dlqLs = defineCommand({
  operands: [],
  options: lsOptions,
  details: ['The newest first. `penstock dlq show <id>` says all of one.'],
  async run(call) {
    const letters = await newest(call, parseCount(call.values.count, '--count'));
    show(call.output, letters, () =>
      letters.length === 0
        ? ['nothing was refused']
        : table(
            ['id', 'stage', 'code', 'lane', 'arrived', 'reason'],
            letters.map((each) => [
              each.id,
              `${each.pipeline}.${each.stage}`,
              each.code,
              `${each.lane}/${each.position}`,
              instant(each.record.arrivedAtMs),
              each.message,
            ]),
          ),
    );
    return exitCode.done;
  },
});

async function newest(call: Call<typeof lsOptions>, limit: number): Promise<ShownDeadLetter[]> {
  using client = openDispatch(call);
  const { pipeline, stage, code } = call.values;
  const letters: ShownDeadLetter[] = [];
  let pageToken = '';
  do {
    const pageSize = Math.min(500, limit - letters.length);
    const page = await client.listDeadLetters({ pipeline, stage, code, pageSize, pageToken }, { signal: call.signal });
    letters.push(...page.deadLetters.map(shownDeadLetterOf));
    pageToken = page.nextPageToken;
  } while (letters.length < limit && pageToken !== '');
  return letters.slice(0, limit);
}

export const dlqShow = defineCommand({
  operands: ['<id>'],
  options: {},
  details: ['The id is `<dead letter topic>/<partition>/<offset>`, as `penstock dlq ls` shows it.'],
  async run(call) {
    using client = openDispatch(call);
    const { deadLetter } = await client.getDeadLetter({ id: call.operands[0] ?? '' }, { signal: call.signal });
    const letter = shownDeadLetterOf(deadLetter ?? dispatch.DeadLetter.fromPartial({}));
    show(call.output, letter, () => [
      `${letter.code}: ${letter.message}`,
      '',
      ...table(
        ['', ''],
        [
          ['stage', `${letter.pipeline}.${letter.stage}`],
          ['refused at', `${letter.lane}/${letter.position}`],
          ['arrived', instant(letter.record.arrivedAtMs)],
          ['key', letter.record.key ?? '–'],
          ...(letter.record.value === null ? [] : [['value', JSON.stringify(letter.record.value)]]),
          ['payload', letter.payload ?? 'null'],
          ...letter.record.headers.map(({ name, value }) => [name, value ?? 'null']),
        ],
      ).slice(1),
    ]);
    return exitCode.done;
  },
});

function openDispatch({ env, folder }: Call<Options>): GrpcClient<typeof dispatch.DispatchServiceClient.service> {
  return createGrpcClient(
    dispatch.DispatchServiceClient,
    readAddresses({ env, folder }).service('sink-dispatcher'),
    grpcOptions(env),
  );
}

export function shownDeadLetterOf(letter: dispatch.DeadLetter): ShownDeadLetter {
  const record = letter.record ?? dispatch.Record.fromPartial({});
  return {
    id: letter.id,
    pipeline: letter.pipeline,
    stage: letter.stage,
    code: letter.refusal?.code ?? '',
    message: letter.refusal?.message ?? '',
    lane: letter.lane,
    position: Number(letter.position),
    record: shownRecordOf(record),
    payload: shownBytes(record.payload),
  };
}
