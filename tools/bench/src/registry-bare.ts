import { text } from 'node:stream/consumers';
import fastify from 'fastify';

/** Answers each path with the bytes that it was told on standard input, and writes where it listens. */
const answers = JSON.parse(await text(process.stdin)) as Readonly<Record<string, string>>;
const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => body);
for (const [line, answer] of Object.entries(answers)) {
  const [method = 'GET', url = '/'] = line.split(' ');
  const bytes = Buffer.from(answer);
  app.route({
    method,
    url,
    handler: (_, reply) => reply.header('content-type', 'application/vnd.schemaregistry.v1+json').send(bytes),
  });
}
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
process.once('SIGTERM', () => void app.close());
