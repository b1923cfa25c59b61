// What the libp2p nodes of these scripts have in common: TCP, WebSockets, Noise and yamux, on loopback and nowhere else

import './node20.mjs'
import { readFileSync } from 'node:fs'
import { identify } from '@libp2p/identify'
import { mplex } from '@libp2p/mplex'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { generateKey, preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'

/** The settings of a node that listens there and has these services besides identify and ping. */
export const onLoopback = (listen, services = {}) => ({
  addresses: { listen },
  transports: [tcp(), webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: address => !/^\/ip4\/127\./.test(address.toString()) },
  services: { identify: identify(), ping: ping(), ...services }
})

function swarmKey () {
  const psk = new Uint8Array(95)
  generateKey(psk)
  return psk
}

/** In what a node differs that offers others no way to speak with it but this; of a private network it has the key of a file, or a new one. */
export const offers = {
  tls: () => ({ connectionEncrypters: [tls()] }),
  mplex: () => ({ streamMuxers: [mplex()] }),
  'swarm-key': file => ({ connectionProtector: preSharedKey({ psk: file == null ? swarmKey() : readFileSync(file) }) })
}

/** A line of JSON on standard output. */
export const print = object => process.stdout.write(JSON.stringify(object) + '\n')
