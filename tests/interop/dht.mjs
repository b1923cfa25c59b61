#!/usr/bin/env node
// A DHT of @libp2p/kad-dht nodes on loopback, in one process, for the interop tests:
//
//   node dht.mjs [--nodes N] [--protocol ID]
//
// They meet in a line, each dialing the one before, and fill their tables by looking for themselves. The last one provides a block of the text "found through the DHT".
// The first line on stdout is JSON: the address of the first node (`addr`), the ids of all (`peers`), the provider (`provider`), its
// addresses (`providerAddrs`) and the CID (`cid`). It serves until SIGTERM or until standard input closes.

import { parseArgs } from 'node:util'

// What js-libp2p takes for granted from Node 22 on
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((_resolve, _reject) => { resolve = _resolve; reject = _reject })
  return { promise, resolve, reject }
}
Promise.try ??= function (fn, ...args) { return new Promise(resolve => resolve(fn(...args))) }

const { identify } = await import('@libp2p/identify')
const { kadDHT, passthroughMapper } = await import('@libp2p/kad-dht')
const { noise } = await import('@libp2p/noise')
const { ping } = await import('@libp2p/ping')
const { tcp } = await import('@libp2p/tcp')
const { yamux } = await import('@libp2p/yamux')
const { createLibp2p } = await import('libp2p')
const { CID } = await import('multiformats/cid')
const raw = await import('multiformats/codecs/raw')
const { sha256 } = await import('multiformats/hashes/sha2')

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '8' },
    protocol: { type: 'string', default: '/ipfs/kad/1.0.0' }
  }
})

const print = object => process.stdout.write(JSON.stringify(object) + '\n')

const createNode = () => createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: address => !/^\/ip4\/127\./.test(address.toString()) },
  services: {
    identify: identify(),
    ping: ping(),
    // passthrough: the default hides addresses of loopback
    dht: kadDHT({ protocol: options.protocol, clientMode: false, peerInfoMapper: passthroughMapper, allowQueryWithZeroPeers: true })
  }
})

const nodes = await Promise.all(Array.from({ length: Number(options.nodes) }, createNode))
const end = AbortSignal.timeout(75_000)

const until = async condition => {
  while (!await condition()) {
    end.throwIfAborted()
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

for (let i = 1; i < nodes.length; i++) {
  await nodes[i].dial(nodes[i - 1].getMultiaddrs(), { signal: end })
}
await until(() => nodes.every(node => node.services.dht.routingTable.size > 0))
for (const node of nodes) {
  for await (const _ of node.services.dht.getClosestPeers(node.peerId.toMultihash().bytes, { signal: end })) { /* the table keeps who answers */ }
}

const provider = nodes.at(-1)
const digest = await sha256.digest(new TextEncoder().encode('found through the DHT'))
const cid = CID.createV1(raw.code, digest)
for await (const event of provider.services.dht.provide(cid, { signal: end })) {
  if (event.name === 'QUERY_ERROR') process.stderr.write(`${event.error}\n`)
}
const holders = async () => {
  const held = await Promise.all(nodes.slice(0, -1).map(node => node.services.dht.providers.getProviders(cid)))
  return held.filter(providers => providers.length > 0).length
}
await until(async () => await holders() > 0)

const stop = async () => {
  setTimeout(() => process.exit(0), 2000).unref()
  await Promise.all(nodes.map(node => node.stop()))
  process.exit(0)
}
process.once('SIGTERM', stop)
process.stdin.once('end', stop).resume()
print({
  addr: nodes[0].getMultiaddrs()[0].toString(),
  peers: nodes.map(node => node.peerId.toString()),
  provider: provider.peerId.toString(),
  providerAddrs: provider.getMultiaddrs().map(address => address.toString()),
  cid: cid.toString()
})
