#!/usr/bin/env node
// Helia over HTTP alone (@helia/http, with @helia/ipns), for the interop tests:
//
//   node http.mjs ROUTER GATEWAY < questions    a JSON array, and the array of the answers; an error is { error }
//
//   { op: 'cat', cid }            the bytes of a file, from the gateway: { size, sha256 }
//   { op: 'publish', value }      publishes a path under a new key, by the router: { name }
//   { op: 'resolve', name }       what a name leads to, as the router says: { value }
//
// Names are peer ids in base58btc, hashes in hexadecimal.

import './node20.mjs'
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { withHTTP } from '@helia/http'
import { ipns } from '@helia/ipns'
import { unixfs } from '@helia/unixfs'
import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight } from 'helia'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const [router, gateway] = process.argv.slice(2)
const helia = await withHTTP(createHeliaLight({ blockstore: new MemoryBlockstore() }), {
  delegatedRouters: [router],
  recursiveGateways: [gateway],
  allowInsecure: true,
  allowLocal: true
}).start()
const names = ipns(helia)
const end = { signal: AbortSignal.timeout(60_000) }

const operations = {
  cat: async ({ cid }) => {
    const hash = createHash('sha256')
    let size = 0
    for await (const piece of unixfs(helia).cat(CID.parse(cid), end)) {
      hash.update(piece)
      size += piece.length
    }
    return { size, sha256: hash.digest('hex') }
  },
  publish: async ({ value }) => {
    const { publicKey } = await names.publish('key', value, end)
    return { name: base58btc.baseEncode(publicKey.toMultihash().bytes) }
  },
  resolve: async ({ name }) => {
    for await (const { value } of names.resolve(Digest.decode(base58btc.baseDecode(name)), end)) {
      return { value }
    }
    throw new Error('nothing was found')
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
