#!/usr/bin/env node
// What @noble/hashes and @noble/curves of npm make of values, for the differential tests:
//
//   node noble.mjs hashes < cases     of each { name, length, data }, the digest; name as in the multicodec table, length in bytes
//   node noble.mjs ed25519 < cases    of each { key, message, signature }, whether it is valid as RFC 8032 has it
//
// Bytes are in hexadecimal.

import { readFileSync } from 'node:fs'
import { ed25519 } from '@noble/curves/ed25519.js'
import { blake2b, blake2s } from '@noble/hashes/blake2.js'
import { blake3 } from '@noble/hashes/blake3.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import * as sha3 from '@noble/hashes/sha3.js'

const hex = bytes => Buffer.from(bytes).toString('hex')
const bytes = text => Uint8Array.from(Buffer.from(text, 'hex'))

const digest = (name, dkLen, data) => {
  const [family, bits] = name.split(/-(?=\d+$)/)
  switch (family) {
    case 'sha1': return sha1(data)
    case 'sha2': return (bits === '256' ? sha256 : sha512)(data)
    case 'dbl-sha2': return sha256(sha256(data))
    case 'shake': return sha3.shake256(data, { dkLen })
    case 'blake2b': return blake2b(data, { dkLen })
    case 'blake2s': return blake2s(data, { dkLen })
    case 'blake3': return blake3(data, { dkLen })
    default: return sha3[`${family}_${bits}`](data)
  }
}

const modes = {
  hashes: ({ name, length, data }) => hex(digest(name, length, bytes(data))),
  ed25519: ({ key, message, signature }) => ed25519.verify(bytes(signature), bytes(message), bytes(key), { zip215: false })
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(modes[process.argv[2]])))
