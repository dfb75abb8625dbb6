import { createInterface } from 'node:readline';
import { credentials, Metadata } from '@grpc/grpc-js';
import { inference } from '@penstock/contracts';

/**
 * Another team, as a process of its own: asks the model over the Open Inference Protocol at a steady rate, whatever is swapped
 * meanwhile, and counts. Arguments: address, model, alias, inputs with commas, calls a second. Ends when its standard input does.
 */
const [address = '', model = '', alias = '', inputs = '', rate = '60'] = process.argv.slice(2);
const names = inputs.split(',');
const features = [650, 21.5, 27, 420];
const tellMs = 500;
const deadlineMs = 5_000;

const client = new inference.GRPCInferenceServiceClient(address, credentials.createInsecure());
const counts = { sent: 0, answered: 0, failed: 0, lastFailure: '' };
const versions = new Set<string>();
let outstanding = 0;
let ended = false;

function ask(): void {
  counts.sent += 1;
  outstanding += 1;
  const request = inference.ModelInferRequest.fromPartial({
    modelName: model,
    modelVersion: alias,
    inputs: names.map((name, index) => ({
      name,
      datatype: 'FP64',
      shape: [1n],
      contents: { fp64Contents: [features[index % features.length] ?? 0] },
    })),
  });
  client.modelInfer(request, new Metadata(), { deadline: Date.now() + deadlineMs }, (error, response) => {
    outstanding -= 1;
    if (error === null) {
      counts.answered += 1;
      versions.add(response.modelVersion);
    } else {
      counts.failed += 1;
      counts.lastFailure = error.message;
    }
    if (ended && outstanding === 0) finish();
  });
}

function tell(): void {
  process.stdout.write(`${JSON.stringify({ ...counts, versions: [...versions] })}\n`);
}

function finish(): void {
  tell();
  client.close();
  process.exit(0);
}

const asking = setInterval(ask, 1_000 / Number(rate));
const telling = setInterval(tell, tellMs);
createInterface({ input: process.stdin }).once('close', () => {
  clearInterval(asking);
  clearInterval(telling);
  ended = true;
  if (outstanding === 0) finish();
});
