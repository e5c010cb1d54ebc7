import { DurableObject } from 'cloudflare:workers'

interface Env {
  readonly OBJECTS: DurableObjectNamespace<BareObject>
}

/** Writes one row a request, and nothing else. */
export class BareObject extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT')
  }

  write(body: ArrayBuffer): void {
    this.ctx.storage.sql.exec('INSERT INTO bodies (body) VALUES (?)', body)
  }
}

let constant = new Uint8Array(0)

/** `POST /write?object=NAME` stores the body; `GET /constant?bytes=N` answers with so many bytes from memory. */
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/write') {
      await env.OBJECTS.getByName(searchParams.get('object') ?? '').write(await request.arrayBuffer())
      return Response.json({ written: 1 }, { status: 201 })
    }
    const bytes = Number(searchParams.get('bytes'))
    if (constant.byteLength !== bytes) constant = new Uint8Array(bytes).fill(0x61)
    return new Response(constant, { headers: { 'Content-Type': 'application/json' } })
  },
} satisfies ExportedHandler<Env>
