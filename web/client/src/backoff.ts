/**
 * How long to wait before try n (from 0): doubling from the first to the cap,
 * spread over the upper half so that a room full of consoles does not knock at
 * the same moment.
 */
export function backoff(attempt: number, first = 1000, cap = 30_000, random: () => number = Math.random): number {
  const whole = Math.min(cap, first * 2 ** Math.min(attempt, 16))
  return whole / 2 + (whole / 2) * random()
}
