import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LOG, LOG_LINES, type Log, type LogLines } from '../log/log.js';
import { type GatewayRequest, onClosed } from './request.js';

/** Sees to it that every request leaves exactly one terminal line: when its response closes, however it ended. */
@Injectable()
export class RequestLog {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(LOG_LINES) private readonly lines: LogLines,
  ) {}

  /** May be asked more than once for a request: by the interceptor, and by the filter for what a guard refused. */
  watch(request: GatewayRequest, reply: FastifyReply): void {
    if (request.isLogged) return;
    request.isLogged = true;
    onClosed(request, reply, () => this.closed(request, reply));
  }

  private closed(request: GatewayRequest, reply: FastifyReply): void {
    if (request.settlement) request.settlement.whenSettled(({ line }) => this.lines.write(line));
    else this.writeLine(request, reply);
  }

  private writeLine(request: GatewayRequest, reply: FastifyReply): void {
    const { failure } = request;
    const line = {
      event: failure ? 'request_failed' : 'request_served',
      request_id: request.id,
      key_id: request.caller?.keyId,
      method: request.method,
      path: pathOf(request.url),
      status: reply.raw.writableFinished ? reply.raw.statusCode : 499,
      error_kind: failure?.kind,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
    };
    if (failure?.kind === 'internal') this.log.error({ ...line, err: failure.details.cause });
    else if (failure) this.log.info({ ...line, message: failure.message });
    else if (line.path.startsWith('/health') || line.path.startsWith('/metrics')) this.log.debug(line);
    else this.log.info(line);
  }
}

/** A query may carry what does not belong into a log. */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  return (query < 0 ? url : url.slice(0, query)).slice(0, 500);
}
