import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import helmet from 'helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { toRequestId } from '../../core/ids.js';
import type { Config } from '../config/config.js';
import type { ErrorRendererFor } from './error.filter.js';
import { acceptJson } from './json-body.js';
import { RouteTable } from './route-table.js';
import { runInterceptorsThinly } from './thin-interceptors.js';

/** Model ids in a path may be long, and may be made of several segments; end users have up to 512 characters. */
const MAX_PARAM_LENGTH = 1_024;

/** Fastify as the gateway wants it: our request ids, our JSON parser, no logger of its own. */
export function createHttpAdapter(config: Pick<Config, 'http'>, clock: Clock, rendererFor: ErrorRendererFor): FastifyAdapter {
  runInterceptorsThinly();
  const adapter = new FastifyAdapter({
    logger: false,
    // No middleware is used, and its host would look at every request.
    skipMiddie: true,
    bodyLimit: config.http.maxBodyBytes,
    trustProxy: config.http.trustProxy.length > 0 ? [...config.http.trustProxy] : false,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => toRequestId(request.headers['x-request-id'], clock.now()),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    forceCloseConnections: 'idle',
    // A path that is none never comes to a route, and so not to the filter.
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const error = new GatewayError('invalid_request', 'The path is not a valid URL path. GET /docs lists every route.');
      const { status, body } = rendererFor(request)(error, request.id);
      void reply
        .status(status)
        .headers({ 'x-request-id': request.id, 'request-id': request.id })
        .type('application/json; charset=utf-8')
        .send(body);
    },
  });
  closeSilentConnections(adapter.getInstance());
  acceptJson(adapter.getInstance(), config.http.maxBodyBytes);
  return adapter;
}

/** A connection on which nobody has asked anything yet counts as busy for Node, and would hold up a stop. */
function closeSilentConnections(server: FastifyInstance): void {
  const silent = new Set<Socket>();
  server.server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.addHook('preClose', (done) => {
    for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
}

/** What has to be known before the routes are registered. */
export async function prepareHttp(app: NestFastifyApplication, config: Pick<Config, 'http'>): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  const routes = app.get(RouteTable);
  server.addHook('onRoute', (route) => routes.add(route));
  // Only replies that Fastify sends get these headers; a model call's answer is no page, and pays for nothing.
  const secure = helmet({ contentSecurityPolicy: { directives: CONTENT_SECURITY } });
  server.addHook('onSend', (request, reply, _payload, done) => secure(request.raw, reply.raw, () => done()));
  if (config.http.corsOrigins.length > 0) {
    app.enableCors({ origin: config.http.corsOrigins.includes('*') ? '*' : [...config.http.corsOrigins] });
  }
}

/** Swagger UI needs inline styles; plain-http hosts must be able to load their own assets. */
const CONTENT_SECURITY = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  upgradeInsecureRequests: null,
};
