#!/usr/bin/env node
// What multiformats, @multiformats/multiaddr and @ipld/dag-pb of npm make of values, for the differential tests:
//
//   node multiformats.mjs bases < data        of each, its text in every base: { name: text }
//   node multiformats.mjs cids < texts        of each, { version, codec, hash, bytes, text } or { error }; the text is in base32 or base58btc
//   node multiformats.mjs addresses < texts   of each, { bytes, text } or { error }
//   node multiformats.mjs nodes < blocks      of each block of dag-pb, { links: [{ cid, name, size }], data, bytes } or { error }; bytes are the node encoded
//
// Data, bytes and blocks are in hexadecimal.

import { readFileSync } from 'node:fs'
import * as dagPb from '@ipld/dag-pb'
import { multiaddr } from '@multiformats/multiaddr'
import { bases } from 'multiformats/basics'
import { CID } from 'multiformats/cid'

const hex = bytes => Buffer.from(bytes).toString('hex')
const bytes = text => Uint8Array.from(Buffer.from(text, 'hex'))
const prefixes = Object.fromEntries(Object.values(bases).map(base => [base.prefix, base]))

const modes = {
  bases: data => Object.fromEntries(Object.values(bases).map(base => [base.name, base.encode(bytes(data))])),
  cids: text => {
    const cid = text.startsWith('Qm') ? CID.parse(text) : CID.parse(text, prefixes[String.fromCodePoint(text.codePointAt(0))])
    return { version: cid.version, codec: cid.code, hash: hex(cid.multihash.bytes), bytes: hex(cid.bytes), text: cid.toString() }
  },
  addresses: text => {
    const address = multiaddr(text)
    return { bytes: hex(address.bytes), text: address.toString() }
  },
  nodes: block => {
    const node = dagPb.decode(bytes(block))
    const links = node.Links.map(link => ({ cid: link.Hash.toString(), name: link.Name ?? null, size: link.Tsize ?? null }))
    return { links, data: node.Data ? hex(node.Data) : null, bytes: hex(dagPb.encode(dagPb.prepare(node))) }
  }
}

const answers = JSON.parse(readFileSync(0, 'utf8')).map(item => {
  try {
    return modes[process.argv[2]](item)
  } catch (error) {
    return { error: error.message }
  }
})
process.stdout.write(JSON.stringify(answers))
