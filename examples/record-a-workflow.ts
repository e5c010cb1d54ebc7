import {
  consumeFromTopic,
  type EventStore,
  invokeContext,
  message,
  publishToTopic,
  workflowFailed,
  workflowInvoke,
  workflowRespond,
} from 'edge-event-store'

/** Has a workflow answer a question, with an event before its work and one after it, of its success or its failure. */
export async function processRequest(
  store: EventStore,
  conversation_id: string,
  question: string,
  work: (question: string) => Promise<string>,
): Promise<string> {
  const invoke_context = invokeContext({ conversation_id })
  const input_data = publishToTopic({ invoke_context, data: [message({ role: 'user', content: question })] })
  const invoke = workflowInvoke({ invoke_context, name: 'MyWorkflow', type: 'EventDrivenWorkflow', input_data })
  await store.recordEvent(invoke)

  let answer: string
  try {
    answer = await work(question)
  } catch (error) {
    await store.recordEvent(workflowFailed({ invoke, error }))
    throw error
  }

  const data = [message({ role: 'assistant', content: answer })]
  const output = consumeFromTopic({ invoke_context, name: 'agent_output_topic', type: 'AgentOutputTopic', offset: 0, data })
  await store.recordEvent(workflowRespond({ invoke, output_data: [output] }))
  return answer
}
