import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { type ErrorKind, GatewayError, toGatewayError } from '../../core/errors.js';
import type { GatewayRequest } from './request.js';
import { RequestLog } from './request-log.js';
import { RouteTable } from './route-table.js';

/** How an error looks on the wire; each client dialect has its own way. */
export type ErrorRenderer = (error: GatewayError, requestId: string) => { status: number; body: string };

/** Injection token of the choice of renderer by the path and the headers of a request. */
export const ERROR_RENDERER = Symbol('ERROR_RENDERER');
export type ErrorRendererFor = (request: Pick<GatewayRequest, 'url' | 'headers'>) => ErrorRenderer;

const KIND_BY_STATUS: Record<number, ErrorKind> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'service_unavailable',
};

/** Turns whatever a route threw into the caller's dialect. Routes that hijack their reply see to it themselves. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(ERROR_RENDERER) private readonly rendererFor: ErrorRendererFor,
    private readonly requests: RequestLog,
    private readonly routes: RouteTable,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<GatewayRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = this.inOurWords(thrown, request, reply);
    request.failure = error;
    this.requests.watch(request, reply);
    if (reply.sent) return;
    const { status, body } = this.rendererFor(request)(error, request.id);
    if (error.details.retryAfterMs !== undefined) {
      void reply.header('retry-after', String(Math.ceil(error.details.retryAfterMs / 1000)));
      void reply.header('retry-after-ms', String(Math.ceil(error.details.retryAfterMs)));
    }
    if (error.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    void reply
      .status(status)
      .headers({ 'x-request-id': request.id, 'request-id': request.id })
      .type('application/json; charset=utf-8')
      .send(body);
  }

  private inOurWords(thrown: unknown, request: GatewayRequest, reply: FastifyReply): GatewayError {
    const status = statusOf(thrown);
    if (thrown instanceof GatewayError || status === undefined) return toGatewayError(thrown);
    const kind = KIND_BY_STATUS[status] ?? (status < 500 ? 'invalid_request' : 'internal');
    if (kind === 'not_found') return this.noSuchRoute(request, reply);
    if (kind === 'internal') return toGatewayError(thrown);
    return new GatewayError(kind, this.messageOf(kind, thrown), { cause: thrown });
  }

  private messageOf(kind: ErrorKind, thrown: unknown): string {
    if (kind === 'payload_too_large')
      return `The body is larger than the ${this.config.http.maxBodyBytes} bytes that this gateway accepts (MAX_BODY_BYTES). Send less.`;
    if (kind === 'unsupported_media_type') return 'This content type is not accepted. Send JSON with `content-type: application/json`.';
    return thrown instanceof Error ? thrown.message : 'The request was refused.';
  }

  private noSuchRoute(request: GatewayRequest, reply: FastifyReply): GatewayError {
    const path = request.url.split('?')[0]!;
    const methods = this.routes.methodsOf(path);
    if (methods.length === 0 || methods.includes(request.method)) {
      return new GatewayError('not_found', `There is nothing at ${request.method} ${path}. GET /docs lists every route.`);
    }
    void reply.header('allow', methods.join(', '));
    return new GatewayError('method_not_allowed', `${path} does not take ${request.method}. It takes ${methods.join(', ')}.`);
  }
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
