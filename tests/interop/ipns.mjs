#!/usr/bin/env node
// What ipns of npm makes of records, for the differential tests:
//
//   node ipns.mjs make < cases        of each { type, value, sequence, validity, ttl, v1 }, a record under a new key of the type: { name, record }
//   node ipns.mjs validate < cases    of each { name, record }, { value, sequence, validity, ttl } or { error }
//   node ipns.mjs select < cases      of each { name, records }, the index of the one that holds
//
// Names are peer ids in base58btc, records in hexadecimal; sequence and ttl (in nanoseconds) are texts.

import { text } from 'node:stream/consumers'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createIPNSRecordWithExpiration, marshalIPNSRecord, multihashToIPNSRoutingKey, unmarshalIPNSRecord } from 'ipns'
import { ipnsSelector } from 'ipns/selector'
import { ipnsValidator } from 'ipns/validator'
import { base58btc } from 'multiformats/bases/base58'
import * as Digest from 'multiformats/hashes/digest'

const hex = bytes => Buffer.from(bytes).toString('hex')
const bytes = digits => Uint8Array.from(Buffer.from(digits, 'hex'))
const keyOf = name => multihashToIPNSRoutingKey(Digest.decode(base58btc.baseDecode(name)))

const modes = {
  make: async ({ type, value, sequence, validity, ttl, v1 }) => {
    const key = await generateKeyPair(type)
    const record = await createIPNSRecordWithExpiration(key, value, BigInt(sequence), validity, { ttlNs: BigInt(ttl), v1Compatible: v1 })
    return { name: base58btc.baseEncode(key.publicKey.toMultihash().bytes), record: hex(marshalIPNSRecord(record)) }
  },
  validate: async ({ name, record }) => {
    await ipnsValidator(keyOf(name), bytes(record))
    const { value, sequence, validity, ttl } = unmarshalIPNSRecord(bytes(record))
    return { value, sequence: `${sequence}`, validity, ttl: `${ttl}` }
  },
  select: ({ name, records }) => ipnsSelector(keyOf(name), records.map(bytes))
}

const answers = []
for (const item of JSON.parse(await text(process.stdin))) {
  try {
    answers.push(await modes[process.argv[2]](item))
  } catch (error) {
    answers.push({ error: `${error.name}: ${error.message}` })
  }
}
process.stdout.write(JSON.stringify(answers))
