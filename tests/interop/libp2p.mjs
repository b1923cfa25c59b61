// What the libp2p nodes of these scripts have in common: TCP, Noise and yamux, on loopback and nowhere else

import './node20.mjs'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'

/** The settings of a node that listens there and has these services besides identify and ping. */
export const onLoopback = (listen, services = {}) => ({
  addresses: { listen },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: address => !/^\/ip4\/127\./.test(address.toString()) },
  services: { identify: identify(), ping: ping(), ...services }
})

/** A line of JSON on standard output. */
export const print = object => process.stdout.write(JSON.stringify(object) + '\n')
