#!/usr/bin/env node
// A libp2p node that looks for peers by mDNS (@libp2p/mdns) and tells of itself, on loopback and on no other interface.
//
//   node mdns.mjs --for PEER
//
// The first line on stdout is JSON with `addr`, the next with `found`, the addresses at which it has found the peer. It goes on until standard input closes.

import os from 'node:os'
import { parseArgs } from 'node:util'
import { onLoopback, print } from './libp2p.mjs'
import { createLibp2p } from 'libp2p'

// it joins the group on every interface that there is, and sends on one that leads elsewhere where there is one
const interfaces = os.networkInterfaces
os.networkInterfaces = () => Object.fromEntries(Object.entries(interfaces()).filter(([, addresses]) => addresses.some(address => address.internal)))
const { mdns } = await import('@libp2p/mdns')

const { values: options } = parseArgs({ options: { for: { type: 'string' } } })
const node = await createLibp2p({ ...onLoopback(['/ip4/127.0.0.1/tcp/0']), peerDiscovery: [mdns({ interval: 1000 })], start: false })
let found = false
node.addEventListener('peer:discovery', ({ detail: peer }) => {
  if (!found && peer.id.toString() === options.for) {
    found = true
    print({ found: peer.multiaddrs.map(address => address.toString()) })
  }
})
await node.start()
print({ addr: node.getMultiaddrs()[0].toString() })

process.stdin.resume()
process.stdin.on('end', async () => {
  await node.stop()
  process.exit()
})
