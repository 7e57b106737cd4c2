// The floor for plain calls: a bare Fastify route that parses, forwards with undici and returns. Nothing less is still a gateway.

import fastify from 'fastify';
import { Pool } from 'undici';

const upstream = new Pool(`http://127.0.0.1:${process.argv[2]}`);
const app = fastify();

// The bytes are parsed and then forwarded as they came: writing them anew would be work that a gateway need not do.
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
  try {
    JSON.parse(body.toString());
    done(null, body);
  } catch (error) {
    done(/** @type {Error} */ (error));
  }
});

app.post('/v1/chat/completions', async (request, reply) => {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer x' };
  const body = /** @type {Buffer} */ (request.body);
  const answer = await upstream.request({ method: 'POST', path: '/v1/chat/completions', headers, body });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  return reply.code(answer.statusCode).header('content-type', answer.headers['content-type']).send(bytes);
});

const address = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ port: Number(new URL(address).port) });
process.on('disconnect', () => process.exit());
