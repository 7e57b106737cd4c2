import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { CallMetrics, type GatewayRequest, onClosed } from '../platform/index.js';

/** Adds what a model call used and cost to the metrics, once its response has closed and it is settled. */
@Injectable()
export class CostInterceptor implements NestInterceptor {
  constructor(private readonly metrics: CallMetrics) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<GatewayRequest>();
    onClosed(request, http.getResponse<FastifyReply>(), () => {
      request.settlement?.whenSettled(({ record }) => {
        this.metrics.countCall(record);
        this.metrics.countCost(record);
      });
    });
    return next.handle();
  }
}
