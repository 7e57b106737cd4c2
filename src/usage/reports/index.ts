export { answerReport } from './answer-report.js';
export type { Sums } from './sums.js';
export { type UsageReportDto, UsageReportQueryDto } from './usage-report.dto.js';
export { UsageReports } from './usage-reports.js';
export { ReportDocs } from './usage.docs.js';
export { toTokens } from './usage-stats.js';
export { UsageTokensDto } from './usage-stats.dto.js';
