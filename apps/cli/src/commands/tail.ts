import { styleText } from 'node:util';
import { dispatch } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import { readAddresses } from '../command-line/addresses.ts';
import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { grpcOptions } from '../command-line/grpc-options.ts';
import { instant, type Output } from '../command-line/output.ts';
import { parseCount } from '../command-line/parse-call.ts';
import { wrongUsage } from '../command-line/problems.ts';
import { type ShownRecord, shownRecordOf } from './shown-record.ts';

const options = {
  from: { type: 'string', default: 'latest', value: 'latest|earliest', says: 'what is stored from now on, or all that is there' },
  count: { type: 'string', short: 'n', value: 'n', says: 'end after so many records' },
  key: { type: 'string', short: 'k', default: '', value: 'prefix', says: 'only records whose key begins so' },
  end: { type: 'boolean', says: 'end where the topic ends now, instead of waiting for more' },
  headers: { type: 'boolean', says: 'show headers too' },
} as const;

export const tail = defineCommand({
  operands: ['<topic>'],
  options,
  details: ['Each record is decoded by the schema that it was written with. Ctrl-C ends it.'],
  async run({ values, operands: [topic = ''], output, env, folder, signal }) {
    using client = createGrpcClient(
      dispatch.DispatchServiceClient,
      readAddresses({ env, folder }).service('sink-dispatcher'),
      grpcOptions(env),
    );
    const limit = values.count === undefined ? Number.POSITIVE_INFINITY : parseCount(values.count, '--count');
    const request = dispatch.SubscribeRequest.fromPartial({
      topic,
      from: parseFrom(values.from),
      keyPrefix: values.key,
      untilEnd: values.end,
    });
    let shown = 0;
    for await (const { item } of client.subscribe(request, { signal })) {
      if (item?.$case !== 'record') continue;
      showRecord(output, shownRecordOf(item.value), values.headers);
      shown += 1;
      if (shown >= limit) break;
    }
    return exitCode.done;
  },
});

function parseFrom(from: string): dispatch.SubscribeFrom {
  if (from === 'latest') return dispatch.SubscribeFrom.LATEST;
  if (from === 'earliest') return dispatch.SubscribeFrom.EARLIEST;
  throw wrongUsage(`--from: expected latest or earliest, got ${JSON.stringify(from)}`);
}

function showRecord(output: Output, record: ShownRecord, withHeaders: boolean): void {
  if (output.json) return output.print(JSON.stringify(record));
  const place = styleText('dim', `${record.topic}/${record.partition}/${record.offset}`);
  const content =
    record.undecodable === null
      ? JSON.stringify(record.value)
      : `${record.undecodable.code}: ${record.undecodable.message}: ${record.undecodable.payload}`;
  output.print(`${instant(record.eventTimeMs)}  ${place}  ${styleText('cyan', record.key ?? '–')}  ${content}`);
  if (withHeaders)
    for (const { name, value } of record.headers) output.print(styleText('dim', `    ${name}: ${value ?? 'null'}`));
}
