export const INTERVALS = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

export const GROUPINGS = ['model', 'provider', 'key', 'team', 'user', 'tag', 'template', 'outcome'] as const;
export type Grouping = (typeof GROUPINGS)[number];
