#!/usr/bin/env node
// Circuit relay v2 of npm (@libp2p/circuit-relay-v2) on loopback: the relay, a peer behind a relay, or a peer that dials through one.
//
//   node relay.mjs serve                 a relay; the first line on stdout is JSON with `addr`
//   node relay.mjs listen RELAY          reserves at RELAY, answers /echo; prints `addr`, its address behind the relay
//   node relay.mjs dial ADDRESS BYTES    dials ADDRESS through its relay, sends so many bytes to /echo; prints what came back and what the connection says of its limits
//
// All but `dial` serve until standard input closes, then print how many reservations and relayed connections there were.

import { createHash, randomBytes } from 'node:crypto'
import { onLoopback, print } from './libp2p.mjs'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const [mode, target, count] = process.argv.slice(2)
const isRelay = mode === 'serve'

const settings = onLoopback(
  isRelay ? ['/ip4/127.0.0.1/tcp/0'] : mode === 'listen' ? [`${target}/p2p-circuit`] : [],
  isRelay ? { relay: circuitRelayServer({ reservations: { defaultDataLimit: BigInt(1 << 22), defaultDurationLimit: 90_000 } }) } : {})
if (!isRelay) {
  settings.transports.push(circuitRelayTransport())
}
const node = await createLibp2p(settings)

const behindRelay = () => node.getMultiaddrs().find(address => address.toString().includes('/p2p-circuit'))

if (mode === 'dial') {
  const connection = await node.dial(multiaddr(target))
  const stream = await connection.newStream('/echo', { runOnLimitedConnection: true })
  const sent = randomBytes(Number(count))
  const hash = createHash('sha256')
  const reading = (async () => {
    let length = 0
    for await (const chunk of stream) {
      hash.update(chunk.subarray())
      length += chunk.byteLength
    }
    return length
  })()
  for (let at = 0; at < sent.length; at += 16384) {
    if (!stream.send(sent.subarray(at, at + 16384))) {
      await stream.onDrain()
    }
  }
  await stream.close()
  const length = await reading
  print({
    remote: connection.remoteAddr.toString(),
    length,
    same: hash.digest('hex') === createHash('sha256').update(sent).digest('hex'),
    seconds: connection.limits?.seconds,
    bytes: connection.limits?.bytes == null ? undefined : Number(connection.limits.bytes)
  })
  await node.stop()
  process.exit()
}

await node.handle('/echo', async stream => {
  for await (const chunk of stream) {
    if (!stream.send(chunk)) {
      await stream.onDrain()
    }
  }
  await stream.close()
}, { runOnLimitedConnection: true })

if (!isRelay && behindRelay() == null) {
  await new Promise(resolve => node.addEventListener('self:peer:update', () => behindRelay() != null && resolve()))
}
print({ addr: (isRelay ? node.getMultiaddrs()[0] : behindRelay()).toString() })

process.stdin.resume()
process.stdin.on('end', async () => {
  print({
    reservations: node.services.relay?.reservations.size ?? 0,
    relayed: node.getConnections().filter(connection => connection.remoteAddr.toString().includes('/p2p-circuit')).length
  })
  await node.stop()
  process.exit()
})
