#!/usr/bin/env node
// The links of dag-cbor and dag-json blocks as @ipld/dag-cbor and @ipld/dag-json of npm see them, for the differential tests:
//
//   node links.mjs make SEED COUNT      random values in both codecs: [{ codec, block, links }]
//   node links.mjs read < blocks.json   what they read of blocks: [{ links }] or [{ error }] for each { codec, block }
//
// Blocks are in hexadecimal, links in the order of the block.

import { readFileSync } from 'node:fs'
import * as cbor from '@ipld/dag-cbor'
import * as json from '@ipld/dag-json'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const codecs = { 'dag-cbor': cbor, 'dag-json': json }

// mulberry32: the same numbers from the same seed, in any version of Node.js
function generator (seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function makers (next) {
  const int = most => Math.floor(next() * most)
  const bytes = length => Uint8Array.from({ length }, () => int(256))
  const texts = ['', '/', 'a', 'b', 'aa', 'é', 'e\u0301', '日本', '😀', '"', '\\', '\n', '\u0000', '\u007f', 'bytes', ' ', '!', 'Ω'.repeat(40)]
  const text = () => texts[int(texts.length)] + (int(3) === 0 ? `k${int(1000)}` : '')
  const cid = () => {
    switch (int(4)) {
      case 0: return CID.createV0(Digest.create(0x12, bytes(32)))
      case 1: return CID.createV1(0x55, Digest.create(0, bytes(int(30))))
      case 2: return CID.createV1([0x55, 0x70, 0x71, 0x0129][int(4)], Digest.create(0x13, bytes(64)))
      default: return CID.createV1(0x71, Digest.create(0x12, bytes(32)))
    }
  }
  const value = depth => {
    switch (int(depth > 0 ? 10 : 7)) {
      case 0: return null
      case 1: return next() < 0.5
      case 2: return [0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER][int(10)] * (next() < 0.5 ? -1 : 1) || 0
      case 3: return (next() - 0.5) * 10 ** int(20)
      case 4: return text()
      case 5: return bytes(int(40))
      case 6: return cid()
      case 7: return Array.from({ length: int(6) }, () => value(depth - 1))
      default: return map(Array.from({ length: int(6) }, () => [text(), value(depth - 1)]))
    }
  }
  // multiformats takes a map whose "/" is its "bytes" for a CID, and so do the codecs, which then cannot write it
  const map = entries => {
    const made = Object.fromEntries(entries)
    if (made['/'] === made.bytes) delete made['/']
    return made
  }
  return value
}

// dag-json keeps maps that begin with the key "/" for itself
function isReserved (value) {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array || CID.asCID(value)) return false
  return (!Array.isArray(value) && Object.hasOwn(value, '/')) || Object.values(value).some(isReserved)
}

// decoded objects keep the order of the block, but for keys that are numbers: there are none
function * links (value) {
  const cid = CID.asCID(value)
  if (cid !== null) yield cid.toString()
  else if (value instanceof Map) for (const item of value.values()) yield * links(item)
  else if (value !== null && typeof value === 'object' && !(value instanceof Uint8Array)) for (const item of Object.values(value)) yield * links(item)
}

function make (seed, count) {
  const value = makers(generator(Number(seed)))
  const made = []
  while (made.length < Number(count)) {
    const item = { x: value(5), y: value(5) }
    const codec = made.length % 2 === 0 ? 'dag-cbor' : 'dag-json'
    if (codec === 'dag-json' && isReserved(item)) continue
    const block = codecs[codec].encode(item)
    made.push({ codec, block: Buffer.from(block).toString('hex'), links: [...links(codecs[codec].decode(block))] })
  }
  return made
}

function read () {
  return JSON.parse(readFileSync(0, 'utf8')).map(({ codec, block }) => {
    try {
      return { links: [...links(codecs[codec].decode(Buffer.from(block, 'hex')))] }
    } catch (error) {
      return { error: error.message }
    }
  })
}

const [mode, ...rest] = process.argv.slice(2)
process.stdout.write(JSON.stringify({ make, read }[mode](...rest)))
