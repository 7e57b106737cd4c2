import { Controller, Get, HttpException, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { Access, Database, Lifecycle, Readiness } from '../platform/index.js';

const UP = { status: 200, description: 'Yes.' };
const DOWN = { status: 503, description: 'No; the body names what is missing.' };

/** What Kubernetes asks: is it alive, may it get calls, has it started? */
@ApiTags('Health')
@Controller('health')
@Access('open')
export class ProbesController {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    private readonly lifecycle: Lifecycle,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Is the process alive?', description: 'Touches nothing outside the process.' })
  @ApiResponse(UP)
  live(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    return this.answer(reply, []);
  }

  @Get('ready')
  @ApiOperation({
    summary: 'May it get calls?',
    description:
      'Not before it listens and has reached its database once, not while it is going down, and without Redis not while another gateway uses ' +
      'its database. A 503 names what is missing, and why, under `error`.',
  })
  @ApiResponse(UP)
  @ApiResponse(DOWN)
  ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    return this.answer(reply, [
      () => this.indicate('database', this.database.isReachable, 'It has not been reached yet.'),
      () => this.indicate('serving', this.lifecycle.isStarted && !this.lifecycle.isDraining, 'It is starting or going down.'),
      ...this.readiness.all().map(
        ({ name, problem }) =>
          () =>
            this.indicate(name, problem === undefined, problem ?? ''),
      ),
    ]);
  }

  @Get('startup')
  @ApiOperation({ summary: 'Has it started?' })
  @ApiResponse(UP)
  @ApiResponse(DOWN)
  startup(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult> {
    return this.answer(reply, [() => this.indicate('serving', this.lifecycle.isStarted, 'It does not listen yet.')]);
  }

  /** Terminus says "no" with an exception; a probe's "no" is an answer, not an error of ours. */
  private async answer(reply: FastifyReply, indicators: (() => HealthIndicatorResult)[]): Promise<HealthCheckResult> {
    try {
      return await this.checks.check(indicators);
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      void reply.status(error.getStatus());
      return error.getResponse() as HealthCheckResult;
    }
  }

  private indicate(name: string, isUp: boolean, otherwise: string): HealthIndicatorResult {
    const indicator = this.indicators.check(name);
    return isUp ? indicator.up() : indicator.down(otherwise);
  }
}
