import { ApplicationFailure, continueAsNew, proxyActivities, sleep } from '@temporalio/workflow'
import { publishFromWorkflow } from '../../../src/client/temporal/workflow.ts'

const { charge } = proxyActivities<{ charge(): Promise<void> }>({ startToCloseTimeout: '1 minute' })

export async function charges(): Promise<string> {
  await charge()
  return 'charged'
}

export async function publishes(): Promise<void> {
  await publishFromWorkflow({ event_type: 'order.paid', data: { amount: 5 }, metadata: { custom_field: 'kept' } })
}

export async function publishesWhatNoPayloadHolds(): Promise<void> {
  await publishFromWorkflow({ event_type: 'order.paid', data: { amount: 5n } })
}

export async function sleeps(): Promise<void> {
  await sleep('1 hour')
}

export async function fails(): Promise<void> {
  throw ApplicationFailure.nonRetryable('no such order')
}

export async function hasABug(): Promise<void> {
  throw new TypeError('undefined is not an order')
}

export async function goesOnAsNew(): Promise<void> {
  await continueAsNew()
}
