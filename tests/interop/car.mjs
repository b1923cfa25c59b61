#!/usr/bin/env node
// CARs by @ipld/car, for the tests of what is written here and read there, and the other way round:
//
//   node car.mjs read FILE         prints { version, roots, blocks, indexed } as JSON
//   node car.mjs write FILE        reads { roots, blocks } from standard input
//
// A block is { cid, data }, the data in base64. `indexed` is what the indexed reader finds, asked for each CID, last first. Each block's hash is checked.

import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CarBlockIterator, CarWriter } from '@ipld/car'
import { CarIndexedReader } from '@ipld/car/indexed-reader'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { sha256, sha512 } from 'multiformats/hashes/sha2'

const hashers = new Map([identity, sha256, sha512].map(hasher => [hasher.code, hasher]))

async function describe (cid, bytes) {
  const digest = await hashers.get(cid.multihash.code).digest(bytes)
  if (Buffer.compare(Buffer.from(digest.bytes), Buffer.from(cid.multihash.bytes)) !== 0) throw new Error(`${cid} is not the hash of its block`)
  return { cid: cid.toString(), data: Buffer.from(bytes).toString('base64') }
}

async function read (path) {
  const iterator = await CarBlockIterator.fromIterable(createReadStream(path, { highWaterMark: 1000 }))
  const blocks = []
  for await (const { cid, bytes } of iterator) blocks.push(await describe(cid, bytes))

  const reader = await CarIndexedReader.fromFile(path)
  const indexed = []
  for (const { cid } of blocks.toReversed()) {
    const block = await reader.get(CID.parse(cid))
    indexed.unshift(await describe(block.cid, block.bytes))
  }
  const roots = (await reader.getRoots()).map(String)
  await reader.close()
  if (JSON.stringify(roots) !== JSON.stringify((await iterator.getRoots()).map(String))) throw new Error('two readers find different roots')
  return { version: iterator.version, roots, blocks, indexed }
}

async function write (path) {
  const { roots, blocks } = JSON.parse(readFileSync(0, 'utf8'))
  const { writer, out } = CarWriter.create(roots.map(root => CID.parse(root)))
  const written = pipeline(Readable.from(out), createWriteStream(path))
  for (const { cid, data } of blocks) await writer.put({ cid: CID.parse(cid), bytes: Buffer.from(data, 'base64') })
  await writer.close()
  await written
  return {}
}

const [mode, path] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await ({ read, write })[mode](path)))
