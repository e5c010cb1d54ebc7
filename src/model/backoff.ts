/** 1, 2, 4, ... seconds after the first, second, third failed delivery, and never more than `longest`. */
export function backoffSeconds(attempts: number, longest: number): number {
  return Math.min(2 ** Math.max(attempts - 1, 0), longest)
}
