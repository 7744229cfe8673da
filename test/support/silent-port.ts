import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Listens, then never again looks at what arrives; as few connections as possible wait in the queue of the system. */
const program = `
const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port) + '\\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** A port of this machine that answers nothing at all, as behind a firewall that drops what it does not let in. */
export async function openSilentPort(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [text] = await once(child.stdout, 'data')
  const port = Number(String(text))
  const fillers: Socket[] = []
  // The system takes connections until the queue is full, and drops every further request.
  for (let isFull = false; !isFull; ) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    fillers.push(socket)
    isFull = await Promise.race([once(socket, 'connect').then(() => false), sleep(1_000, true)])
  }
  return {
    port,
    async close() {
      for (const socket of fillers) socket.destroy()
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}
