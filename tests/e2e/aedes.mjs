// SPDX-License-Identifier: MIT
// A broker of what npm calls aedes: node aedes.mjs NODE_MODULES PORT [PORT OF WEBSOCKET]
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { pathToFileURL } from 'node:url'

const [modules, port, webPort] = process.argv.slice(2)
const found = createRequire(modules + '/').resolve('aedes')
const { Aedes, default: older } = await import(pathToFileURL(found))
// Since 1.0 a broker is made asynchronously.
const broker = Aedes?.createBroker ? await Aedes.createBroker() : older()
createServer(broker.handle).listen(Number(port), '127.0.0.1')
if (webPort !== undefined) {
  const { WebSocketServer, createWebSocketStream } = createRequire(modules + '/')('ws')
  const settings = { port: Number(webPort), host: '127.0.0.1', perMessageDeflate: { threshold: 0 }, handleProtocols: () => 'mqtt' }
  new WebSocketServer(settings).on('connection', socket => broker.handle(createWebSocketStream(socket)))
}
