// What every benchmark hands back: one JSON object a line on standard output; anything else goes to standard error.

export interface Measured {
  bench: string;
  value: number;
  unit: string;
  /** Size of what was measured. */
  n?: number;
  /** Whom `ratio` compares with: our value divided by theirs. */
  peer?: string;
  ratio?: number;
}

export function report(measured: Measured): void {
  console.log(JSON.stringify({ ...measured, value: rounded(measured.value) }));
}

export function remark(words: string): void {
  console.error(words);
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that so many of a hundred do not exceed. */
export function percentile(values: number[], hundredths: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(((sorted.length - 1) * hundredths) / 100)]!;
}

/** Runs it so many times, one after the other, and takes the median. */
export async function medianOf(times: number, once: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < times; run++) values.push(await once());
  return median(values);
}
