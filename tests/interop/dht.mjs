#!/usr/bin/env node
// A DHT of @libp2p/kad-dht nodes on loopback, in one process, for the interop tests:
//
//   node dht.mjs [--nodes N] [--protocol ID]
//
// They meet in a line, each dialing the one before, and fill their tables by looking for themselves. The last one provides a block of the text "found through the DHT".
// The first line on stdout is JSON: the address of the first node (`addr`), the ids of all (`peers`), the provider (`provider`), its
// addresses (`providerAddrs`) and the CID (`cid`). It serves until SIGTERM or until standard input closes.

//
// Then each line on standard input is a question, as JSON, and a line on standard output its answer; an error is { error }:
//
//   { op: 'find', cid }                                     the providers that the node in the middle finds: { providers: [{ id, addrs }] }
//   { op: 'get', name }                                     the IPNS record that it finds, once ipns has validated it: { value, sequence, validity, record }
//   { op: 'publish', type, value, sequence, validity }      it puts a record under a new key of the type: { name, record }
//
// Names are peer ids in base58btc, records in hexadecimal.

import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { onLoopback, print } from './libp2p.mjs'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { createIPNSRecordWithExpiration, marshalIPNSRecord, multihashToIPNSRoutingKey, unmarshalIPNSRecord } from 'ipns'
import { ipnsSelector } from 'ipns/selector'
import { ipnsValidator } from 'ipns/validator'
import { createLibp2p } from 'libp2p'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '8' },
    protocol: { type: 'string', default: '/ipfs/kad/1.0.0' }
  }
})

const createNode = () => createLibp2p(onLoopback(['/ip4/127.0.0.1/tcp/0'], {
  // passthrough: the default hides addresses of loopback
  dht: kadDHT({
    protocol: options.protocol,
    clientMode: false,
    peerInfoMapper: passthroughMapper,
    allowQueryWithZeroPeers: true,
    validators: { ipns: ipnsValidator },
    selectors: { ipns: ipnsSelector }
  })
}))

const nodes = await Promise.all(Array.from({ length: Number(options.nodes) }, createNode))
const end = AbortSignal.timeout(150_000)

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
const middle = nodes[nodes.length >> 1].services.dht
const hex = bytes => Buffer.from(bytes).toString('hex')

const answers = {
  find: async ({ cid }) => {
    const providers = new Map()
    for await (const event of middle.findProviders(CID.parse(cid), { signal: AbortSignal.timeout(30_000) })) {
      for (const { id, multiaddrs } of event.name === 'PROVIDER' ? event.providers : []) {
        providers.set(id.toString(), multiaddrs.map(address => address.toString()))
      }
    }
    return { providers: Array.from(providers, ([id, addrs]) => ({ id, addrs })) }
  },
  get: async ({ name }) => {
    const key = multihashToIPNSRoutingKey(Digest.decode(base58btc.baseDecode(name)))
    for await (const event of middle.get(key, { signal: AbortSignal.timeout(30_000) })) {
      if (event.name === 'VALUE') {
        await ipnsValidator(key, event.value)
        const { value, sequence, validity } = unmarshalIPNSRecord(event.value)
        return { value, sequence: `${sequence}`, validity, record: hex(event.value) }
      }
    }
    throw new Error('no record was found')
  },
  publish: async ({ type, value, sequence, validity }) => {
    const key = await generateKeyPair(type)
    const name = key.publicKey.toMultihash()
    const record = marshalIPNSRecord(await createIPNSRecordWithExpiration(key, value, BigInt(sequence), validity, { v1Compatible: false }))
    for await (const event of middle.put(multihashToIPNSRoutingKey(name), record, { signal: AbortSignal.timeout(30_000) })) {
      if (event.name === 'QUERY_ERROR') process.stderr.write(`${event.error}\n`)
    }
    return { name: base58btc.baseEncode(name.bytes), record: hex(record) }
  }
}

const lines = createInterface({ input: process.stdin })
lines.once('close', stop)
process.once('SIGTERM', stop)
print({
  addr: nodes[0].getMultiaddrs()[0].toString(),
  peers: nodes.map(node => node.peerId.toString()),
  provider: provider.peerId.toString(),
  providerAddrs: provider.getMultiaddrs().map(address => address.toString()),
  cid: cid.toString()
})

for await (const line of lines) {
  try {
    const question = JSON.parse(line)
    print(await answers[question.op](question))
  } catch (error) {
    print({ error: `${error.name}: ${error.message}` })
  }
}
