#!/usr/bin/env node
// A Helia Bitswap peer on loopback, for the interop tests:
//
//   node peer.mjs provide [--listen MA] [--size N] [--count N] [--seed S] [--cids FILE] [--cidv0] [--seedkey S]
//                         [--unruly NAME] [--seconds N] [--times N] [--offers tls|mplex|swarm-key [--swarmkey FILE]]
//   node peer.mjs get     --peer MA --cids FILE [--parallel N] [--timeout S] [--cancel N]
//   node peer.mjs info    --peer MA
//   node peer.mjs add     --path FOLDER [--listen MA] [--seedkey S] [--threshold N]
//   node peer.mjs save    --peer MA --cid CID --path FOLDER [--timeout S] [--tell N]
//
// The first line on stdout is JSON. `provide` serves until SIGTERM or until standard input closes, then prints its statistics.
// `get` exits with 2 when blocks are missing; `--cancel N` gives up after N blocks, as an impatient user does.
// `add` serves a folder as UnixFS, with a `cid` on its first line. `save` saves one; when it loses its peer it dials again and goes on.
// With `--tell N` a line says when the Nth block has come.
// `--unruly` names how it fails those who fetch from it, see unruly.mjs; `--offers` is all that it secures or shares connections with.
// Block i of seed s is the AES-128-CTR key stream (zero IV) under the first 16 bytes of sha256("bitswap-peer:" + s + ":" + i).

import { createCipheriv, createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { offers, onLoopback, print } from './libp2p.mjs'
import { addTree, saveTree } from './files.mjs'
import { misbehave } from './unruly.mjs'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'

const { values: options, positionals: [command] } = parseArgs({
  allowPositionals: true,
  options: {
    listen: { type: 'string', default: '/ip4/127.0.0.1/tcp/0' },
    size: { type: 'string', default: '1048576' },
    count: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
    seedkey: { type: 'string' },
    cidv0: { type: 'boolean', default: false },
    cids: { type: 'string' },
    peer: { type: 'string' },
    cid: { type: 'string' },
    path: { type: 'string' },
    tell: { type: 'string' },
    threshold: { type: 'string', default: '262144' },
    parallel: { type: 'string', default: '64' },
    timeout: { type: 'string', default: '60' },
    cancel: { type: 'string' },
    unruly: { type: 'string' },
    seconds: { type: 'string', default: '6' },
    times: { type: 'string', default: '1' },
    offers: { type: 'string' },
    swarmkey: { type: 'string' }
  }
})

const blockData = (seed, index, size) => {
  const key = createHash('sha256').update(`bitswap-peer:${seed}:${index}`).digest().subarray(0, 16)
  return new Uint8Array(createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size)))
}

const rawCid = bytes => CID.createV1(raw.code, createDigest(0x12, new Uint8Array(createHash('sha256').update(bytes).digest())))

const seen = { wants: 0, cancels: 0, have: 0, dontHave: 0, blocks: 0 }

async function createNode (listen, blockstore = new MemoryBlockstore()) {
  const seedKey = options.seedkey
  const privateKey = seedKey == null ? undefined : await generateKeyPairFromSeed('Ed25519', createHash('sha256').update(seedKey).digest())
  let helia = createHeliaLight({ blockstore })
  helia = withLibp2pLight(helia, { privateKey, ...onLoopback(listen), ...(options.offers == null ? {} : offers[options.offers](options.swarmkey)) })
  // who fails is asked again, and answers again
  helia = withBitswap(helia, options.unruly == null ? {} : { doNotResendBlockWindow: 0 })
  await helia.start()
  const bitswap = helia.blockBrokers.find(broker => broker.name === 'bitswap').bitswap
  bitswap.network.addEventListener('bitswap:message', ({ detail: { message } }) => {
    const entries = message.wantlist?.entries ?? []
    const cancels = entries.filter(entry => entry.cancel).length
    const have = message.blockPresences.filter(presence => presence.type === 'HaveBlock' || presence.type === 0).length
    seen.wants += entries.length - cancels
    seen.cancels += cancels
    seen.have += have
    seen.dontHave += message.blockPresences.length - have
    const before = seen.blocks
    seen.blocks += message.blocks.length
    if (before < Number(options.tell) && seen.blocks >= Number(options.tell)) print({ blocks: seen.blocks })
  })
  return { helia, bitswap }
}

async function connect (helia) {
  if (options.peer == null) throw new Error('--peer is needed')
  return helia.libp2p.dial(multiaddr(options.peer), { signal: AbortSignal.timeout(Number(options.timeout) * 1000) })
}

// Bitswap learns of its peers from identify; until then a session has nobody to ask
async function untilKnown (bitswap, peer) {
  const end = Date.now() + 5000
  while (!bitswap.wantList.peers.has(peer) && Date.now() < end) await new Promise(resolve => setTimeout(resolve, 2))
}

function serve (helia, more = {}) {
  const stop = async () => {
    print({ seen })
    setTimeout(() => process.exit(0), 2000).unref()
    await helia.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.stdin.once('end', stop).resume()
  print({ addr: helia.libp2p.getMultiaddrs()[0].toString(), peer: helia.libp2p.peerId.toString(), ...more })
}

const commands = {
  async provide () {
    const node = await createNode([options.listen])
    const { helia } = node
    if (options.unruly != null) misbehave(node, options.unruly, { seconds: Number(options.seconds), times: Number(options.times) })
    const cids = []
    for (let i = 0; i < Number(options.count); i++) {
      const data = blockData(options.seed, i, Number(options.size))
      const cid = options.cidv0 ? CID.createV0(rawCid(data).multihash) : rawCid(data)
      await helia.blockstore.put(cid, data)
      cids.push(cid.toString())
    }
    if (options.cids != null) writeFileSync(options.cids, cids.join('\n') + '\n')
    serve(helia)
  },

  async add () {
    // before anybody can ask: who comes back must not deny what it is about to have
    const blockstore = new MemoryBlockstore()
    const cid = await addTree(blockstore, options.path, Number(options.threshold))
    const { helia } = await createNode([options.listen], blockstore)
    serve(helia, { cid: cid.toString() })
  },

  async save () {
    const { helia, bitswap } = await createNode([])
    const end = AbortSignal.timeout(Number(options.timeout) * 1000)
    const started = performance.now()
    let tries = 0
    while (true) {
      const lost = new AbortController()
      const signal = AbortSignal.any([end, lost.signal])
      setMaxListeners(Infinity, signal)
      try {
        const connection = await connect(helia)
        helia.libp2p.addEventListener('peer:disconnect', () => lost.abort(new Error('The peer is gone')), { signal })
        await untilKnown(bitswap, connection.remotePeer)
        tries++
        const blocks = helia.blockstore.createSession(CID.parse(options.cid), { providers: [connection.remotePeer.toCID()], minProviders: 1, maxProviders: 1 })
        await saveTree(blocks, CID.parse(options.cid), options.path, { signal })
        break
      } catch (error) {
        if (end.aborted) throw error
        process.stderr.write(`${error}\n`)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }
    print({ tries, seconds: (performance.now() - started) / 1000, seen })
    process.exit(0)
  },

  async get () {
    const { helia, bitswap } = await createNode([])
    const connection = await connect(helia)
    const cids = readFileSync(options.cids, 'utf8').split('\n').map(line => line.trim()).filter(Boolean).map(line => CID.parse(line))
    await untilKnown(bitswap, connection.remotePeer)
    const giveUp = new AbortController()
    const signal = AbortSignal.any([AbortSignal.timeout(Number(options.timeout) * 1000), giveUp.signal])
    setMaxListeners(Infinity, signal)
    const session = bitswap.createSession({ providers: [connection.remotePeer.toCID()], minProviders: 1, maxProviders: 1 })
    const cancelAfter = Number(options.cancel ?? Infinity)
    let next = 0
    let blocks = 0
    let bytes = 0
    const errors = []
    const started = performance.now()
    await Promise.all(Array.from({ length: Math.min(Number(options.parallel), cids.length) }, async () => {
      while (next < cids.length && !signal.aborted) {
        const cid = cids[next++]
        try {
          const data = await session.retrieve(cid, { signal })
          if (Buffer.compare(createHash('sha256').update(data).digest(), cid.multihash.digest) !== 0) throw new Error(`${cid} does not match its data`)
          blocks++
          bytes += data.byteLength
          if (blocks >= cancelAfter) giveUp.abort()
        } catch (error) {
          errors.push(`${cid}: ${error.message}`)
        }
      }
    }))
    const seconds = (performance.now() - started) / 1000
    print({ blocks, bytes, missing: cids.length - blocks, seconds, MiBps: bytes / 1048576 / seconds, errors: errors.slice(0, 3), seen })
    setTimeout(() => process.exit(blocks === cids.length ? 0 : 2), 2000).unref()
    await helia.stop()
    process.exit(blocks === cids.length ? 0 : 2)
  },

  async info () {
    const { helia } = await createNode([])
    const identified = new Promise(resolve => helia.libp2p.addEventListener('peer:identify', event => resolve(event.detail)))
    const connection = await connect(helia)
    const told = await identified
    const started = performance.now()
    await helia.libp2p.services.ping.ping(connection.remotePeer)
    print({
      peer: connection.remotePeer.toString(),
      encryption: connection.encryption,
      muxer: connection.multiplexer,
      agent: told.agentVersion,
      protocols: told.protocols,
      listenAddrs: told.listenAddrs.map(address => address.toString()),
      pingMs: performance.now() - started
    })
    await helia.stop()
    process.exit(0)
  }
}

if (commands[command] == null) {
  process.stderr.write(`usage: peer.mjs ${Object.keys(commands).join('|')} [options]\n`)
  process.exit(64)
}
await commands[command]()
