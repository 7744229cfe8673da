import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault } from './faults.ts'
import type { WireReply, WireRequest } from './protocols.ts'

const noBody = Buffer.alloc(0)

/** Reads a request with its body; a GET has none. */
export async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const { method = 'GET', url = '/', headers } = incoming
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const query = mark === -1 ? '' : url.slice(mark + 1)
  const body = method === 'GET' || method === 'HEAD' ? noBody : await readBody(incoming)
  return { method, path, query, headers, body }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

/** Sends an answer, with the damage a fault does to its body. */
export function send(
  { status, headers, body }: WireReply,
  fault: Fault | undefined,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  let content = typeof body === 'string' ? Buffer.from(body) : body
  if (fault?.kind === 'cut-body') content = content.subarray(0, content.length >> 1)
  if (fault?.kind === 'garbled-body') content = Buffer.from(content.map((byte) => byte ^ 1))
  const noLength = incoming.method === 'HEAD' || status === 204 || status === 304
  response.writeHead(status, noLength ? headers : { ...headers, 'content-length': String(content.length) })
  if (fault?.kind === 'short-body') {
    response.write(content.subarray(0, content.length >> 1), () => incoming.socket.destroy())
    return
  }
  response.end(content)
}
