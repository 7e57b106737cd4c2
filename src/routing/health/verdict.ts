import type { ErrorKind } from '../../core/errors.js';
import type { AttemptReport } from '../../core/target-health.js';

/** What an attempt says about its target; `neutral` = nothing. */
export type Verdict = 'success' | 'failure' | 'neutral';

/** A target that refuses a call for the call's own faults is alive. */
const VERDICTS: Record<ErrorKind, Verdict> = {
  upstream_unavailable: 'failure',
  upstream_timeout: 'failure',
  upstream_protocol: 'failure',
  upstream_rate_limited: 'neutral',
  client_closed: 'neutral',
  upstream_rejected: 'success',
  context_length_exceeded: 'success',
  content_policy: 'success',
  unsupported_parameter: 'success',
  invalid_request: 'success',
  unauthenticated: 'success',
  forbidden: 'success',
  not_found: 'success',
  unknown_model: 'success',
  method_not_allowed: 'success',
  conflict: 'success',
  payload_too_large: 'success',
  unsupported_media_type: 'success',
  rate_limited: 'success',
  budget_exhausted: 'success',
  internal: 'success',
  service_unavailable: 'success',
};

/** `slowCallMs`: a stream whose first event comes later has failed, whatever became of it; 0 = never. */
export function toVerdict(report: AttemptReport, slowCallMs: number): Verdict {
  if (report.ofAccount) return 'neutral';
  if (slowCallMs > 0 && isSlow(report, slowCallMs)) return 'failure';
  return report.failure === undefined ? 'success' : VERDICTS[report.failure];
}

function isSlow({ stream, firstEventMs, failure, durationMs }: AttemptReport, slowCallMs: number): boolean {
  if (!stream) return false;
  if (firstEventMs !== undefined) return firstEventMs > slowCallMs;
  // Who leaves after waiting longer than that for a first event leaves because it was slow.
  return failure === 'client_closed' && durationMs > slowCallMs;
}
