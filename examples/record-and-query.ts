import { type EventStore, invokeContext, isToolRespond, message, publishToTopic, toolInvoke, toolRespond } from 'edge-event-store'

/** Records a tool's call and what came of it, and finds the events again by everything they can be found by. */
export async function recordAndQuery(store: EventStore, conversation_id: string) {
  const invoke_context = invokeContext({ conversation_id })
  const question = message({ role: 'user', content: 'Hello' })

  // A single event.
  const invoke = toolInvoke({ invoke_context, name: 'OpenAI Tool', type: 'LLMTool', input_data: [question] })
  await store.recordEvent(invoke)

  // Several in one call.
  const output_data = [message({ role: 'assistant', content: 'Hi! What can I do for you?' })]
  const respond = toolRespond({ invoke, output_data })
  const publish = publishToTopic({ invoke_context, name: 'greetings', type: 'Topic', offset: 0, data: output_data })
  const recorded = await store.recordEvents([respond, publish])

  const byId = await store.getEvent(invoke.event_id)
  const ofRequest = await store.getAgentEvents(invoke_context.assistant_request_id)
  const ofConversation = await store.getConversationEvents(conversation_id)
  const ofTopic = await store.getTopicEvents('greetings', [0])
  const responses = ofConversation.filter(isToolRespond)
  return { recorded, byId, ofRequest, ofConversation, ofTopic, responses }
}
