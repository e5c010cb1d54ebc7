import type { WorkflowInterceptors } from '@temporalio/workflow'
import { lifecycleWorkflowInterceptors } from '../../../src/client/temporal/workflow.ts'

export const interceptors = (): WorkflowInterceptors =>
  lifecycleWorkflowInterceptors({ failsWorkflow: (error) => error instanceof TypeError })
