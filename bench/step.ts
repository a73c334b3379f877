// A line for each step of a benchmark that goes on for minutes: said in a page or a worker, printed by app.ts.

export const STEP = 'bench step: ';

/** In a page or a worker. */
export function tellStep(words: string): void {
  console.info(`${STEP}${words}`);
}

/** In Node. */
export function printStep(words: string): void {
  console.log(`  ${words}`);
}
