import { expect, it } from 'vitest'
import { runOpenLoop } from '../../bench/load.ts'

it('sends at its rate, whether answers come or not', async () => {
  const requests = 5
  let begun = 0
  let answerAll = () => {}
  const answered = new Promise<void>((resolve) => {
    answerAll = resolve
  })
  const load = await runOpenLoop({ rate: 1_000, goOn: () => begun < requests }, () => {
    begun += 1
    // Who waits for the first answer before the second request never gets it.
    if (begun === requests) answerAll()
    return answered
  })
  expect(load.requests).toBe(requests)
  expect(load.latencies).toHaveLength(requests)
})

it('counts the time of a request that set out late from when it was due', async () => {
  const stall = 60
  let begun = 0
  const load = await runOpenLoop({ rate: 1_000, goOn: () => begun < 2 }, async () => {
    begun += 1
    const until = performance.now() + stall
    // Nothing else runs meanwhile: the second request sets out late.
    while (begun === 1 && performance.now() < until);
  })
  const [first = 0, second = 0] = load.latencies
  expect(first).toBeGreaterThanOrEqual(stall)
  // It was due a millisecond after the first.
  expect(second).toBeGreaterThanOrEqual(stall - 2)
})
