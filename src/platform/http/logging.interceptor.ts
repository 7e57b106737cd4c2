import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import type { GatewayRequest } from './request.js';
import { RequestLog } from './request-log.js';

/** One terminal line per request. It binds to the response and not to the handler, which is done when a stream only begins. */
@Injectable()
export class LoggingInterceptor implements NestInterceptor {
  constructor(private readonly requests: RequestLog) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    this.requests.watch(http.getRequest<GatewayRequest>(), http.getResponse<FastifyReply>());
    return next.handle();
  }
}
