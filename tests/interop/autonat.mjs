#!/usr/bin/env node
// A server of AutoNAT v2 (@libp2p/autonat-v2) on loopback. It dials no private address, so an address of the internet stands for loopback here:
// all that the server does is its own, but for where its dials lead.
//
//   node autonat.mjs [--stands IP] [--deaf]
//
// The first line on stdout is JSON with `addr`. With `--deaf` dials of the address that stands for loopback lead to a port that is closed. It serves until
// standard input closes, then prints whom it was asked to dial.

import { parseArgs } from 'node:util'
import { onLoopback, print } from './libp2p.mjs'
import { autoNATv2 } from '@libp2p/autonat-v2'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const { values: options } = parseArgs({ options: { stands: { type: 'string', default: '1.2.3.4' }, deaf: { type: 'boolean', default: false } } })
const dialled = []

const local = address => multiaddr(address.toString().replace(`/ip4/${options.stands}/`, '/ip4/127.0.0.1/').replace(/\/tcp\/\d+/, options.deaf ? '/tcp/1' : '$&'))

const redirected = manager => new Proxy(manager, {
  get: (target, name) => ({
    isDialable: (address, how) => target.isDialable(local(address), how),
    openConnection: (address, how) => {
      dialled.push(address.toString())
      return target.openConnection(local(address), how)
    }
  })[name] ?? (typeof target[name] === 'function' ? target[name].bind(target) : target[name])
})

const withRedirects = components => new Proxy(components, {
  get: (target, name) => name === 'connectionManager' ? redirected(target.connectionManager) : target[name]
})

const node = await createLibp2p(onLoopback(['/ip4/127.0.0.1/tcp/0'], { autoNAT: components => autoNATv2()(withRedirects(components)) }))
print({ addr: node.getMultiaddrs()[0].toString() })

process.stdin.resume()
process.stdin.on('end', async () => {
  print({ dialled })
  await node.stop()
  process.exit()
})
