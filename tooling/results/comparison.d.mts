export function comparisonSection(set: object, anchor: string): string;
