import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers'
import { EventPublisher } from 'edge-event-store/client'
import { trackWorkflowRun } from 'edge-event-store/cloudflare-workflow'

interface Env {
  readonly EVENT_STORE_URL: string
  readonly ORDERS: Workflow<Order>
}

interface Order {
  readonly order_id: string
}

/** A Cloudflare Workflow whose run and steps publish their start and end, and events of their own. */
export class OrderWorkflow extends WorkflowEntrypoint<Env, Order> {
  override run(event: Readonly<WorkflowEvent<Order>>, engineStep: WorkflowStep): Promise<string> {
    const publisher = EventPublisher.fromEnvironment(this.env, { applicationName: 'orders' })
    const { order_id } = event.payload

    return trackWorkflowRun(publisher, event, engineStep, async (step) => {
      // The callback's publisher knows the step and the attempt.
      const amount = await step.do('charge card', { retries: { limit: 3, delay: 500 } }, async ({ attempt, publisher }) => {
        if (attempt === 1) throw new Error('the card reader is busy')
        await publisher.publishEvent({ event_type: 'order.paid', event_name: 'OrderPaid', data: { order_id, amount: 12 } })
        return 12
      })
      await step.sleep('wait for the parcel', 1)
      return step.do('send parcel', async () => `${order_id}: sent for ${amount}`)
    })
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const id = new URL(request.url).pathname.slice(1)
    if (request.method === 'POST') await env.ORDERS.create({ id, params: { order_id: id } })
    return Response.json(await (await env.ORDERS.get(id)).status())
  },
}
