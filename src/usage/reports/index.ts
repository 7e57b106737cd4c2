export { answerReport } from './answer-report.js';
export { type UsageReportDto, UsageReportQueryDto } from './usage-report.dto.js';
export { UsageReports } from './usage-reports.js';
export { ReportDocs } from './usage.docs.js';
