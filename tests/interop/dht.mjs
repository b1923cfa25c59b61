#!/usr/bin/env node
// A DHT of @libp2p/kad-dht nodes on loopback, in one process, for the interop tests:
//
//   node dht.mjs [--nodes N] [--protocol ID]
//
// They meet in a line, each dialing the one before, and fill their tables by looking for themselves. The last one provides a block of the text "found through the DHT".
// The first line on stdout is JSON: the address of the first node (`addr`), the ids of all (`peers`), the provider (`provider`), its
// addresses (`providerAddrs`) and the CID (`cid`). It serves until SIGTERM or until standard input closes.

import { parseArgs } from 'node:util'
import { onLoopback, print } from './libp2p.mjs'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '8' },
    protocol: { type: 'string', default: '/ipfs/kad/1.0.0' }
  }
})

const createNode = () => createLibp2p(onLoopback(['/ip4/127.0.0.1/tcp/0'], {
  // passthrough: the default hides addresses of loopback
  dht: kadDHT({ protocol: options.protocol, clientMode: false, peerInfoMapper: passthroughMapper, allowQueryWithZeroPeers: true })
}))

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
