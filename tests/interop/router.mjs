#!/usr/bin/env node
// @helia/delegated-routing-v1-http-api-client of npm, as a client of a router:
//
//   node router.mjs URL < questions    a JSON array, and the array of the answers; an error is { error }
//
//   { op: 'get', name }                                   the IPNS record of a name, once ipns has validated it: { value, sequence, validity, record }
//   { op: 'put', type, value, sequence, validity }        puts a record under a new key of the type: { name, record }
//   { op: 'providers', cid }                              { providers: [{ id, addrs }] }
//
// Names are peer ids in base58btc, records in hexadecimal.

import './node20.mjs'
import { text } from 'node:stream/consumers'
import { delegatedRoutingV1HttpApiClient } from '@helia/delegated-routing-v1-http-api-client'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { createIPNSRecordWithExpiration, marshalIPNSRecord, multihashToIPNSRoutingKey, unmarshalIPNSRecord } from 'ipns'
import { ipnsValidator } from 'ipns/validator'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const libp2pKey = 0x72
const client = delegatedRoutingV1HttpApiClient({ url: process.argv[2], cacheTTL: 0 })({ logger: defaultLogger() })
const hex = bytes => Buffer.from(bytes).toString('hex')

const operations = {
  get: async ({ name }) => {
    const digest = Digest.decode(base58btc.baseDecode(name))
    const record = await client.getIPNS(CID.createV1(libp2pKey, digest))
    await ipnsValidator(multihashToIPNSRoutingKey(digest), record)
    const { value, sequence, validity } = unmarshalIPNSRecord(record)
    return { value, sequence: `${sequence}`, validity, record: hex(record) }
  },
  put: async ({ type, value, sequence, validity }) => {
    const key = await generateKeyPair(type)
    const name = key.publicKey.toMultihash()
    const record = marshalIPNSRecord(await createIPNSRecordWithExpiration(key, value, BigInt(sequence), validity, { v1Compatible: false }))
    await client.putIPNS(CID.createV1(libp2pKey, name), record)
    return { name: base58btc.baseEncode(name.bytes), record: hex(record) }
  },
  providers: async ({ cid }) => {
    const providers = []
    for await (const { ID, Addrs } of client.getProviders(CID.parse(cid))) {
      providers.push({ id: base58btc.baseEncode(ID.multihash.bytes), addrs: Addrs.map(address => address.toString()) })
    }
    return { providers }
  }
}

const answers = []
for (const question of JSON.parse(await text(process.stdin))) {
  try {
    answers.push(await operations[question.op](question))
  } catch (error) {
    answers.push({ error: `${error.name}: ${error.message}` })
  }
}
process.stdout.write(JSON.stringify(answers))
process.exit(0)
