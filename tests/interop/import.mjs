#!/usr/bin/env node
// What @helia/unixfs makes of files and folders, for the differential tests:
//
//   node import.mjs < cases.json
//
// Each case is { path, chunkSize, layout, links, rawLeaves, cidVersion, rule, threshold, fanoutBits, preserve }; a
// JSON array of the root CIDs comes back. Cutting by content is left out: rabin-wasm cuts elsewhere than Kubo, and there is no buzhash.
// Nothing but the content of `path` is read, no network is used.

import { createReadStream, lstatSync, readdirSync, readlinkSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import './node20.mjs'
import { unixfs } from '@helia/unixfs'
import { BlackHoleBlockstore } from 'blockstore-core/black-hole'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced, trickle } from 'ipfs-unixfs-importer/layout'

const fs = unixfs({ blockstore: new BlackHoleBlockstore() })

function attributes (stat, preserve) {
  if (!preserve) return {}
  const nsecs = Number(stat.mtimeNs % 1_000_000_000n)
  return {
    mode: stat.isSymbolicLink() ? undefined : Number(stat.mode & 0xfffn),
    mtime: { secs: stat.mtimeNs / 1_000_000_000n, nsecs: nsecs === 0 ? undefined : nsecs }
  }
}

function * candidates (path, name, preserve) {
  const stat = lstatSync(path, { bigint: true })
  const kept = attributes(stat, preserve)
  if (stat.isDirectory()) {
    yield { path: name, ...kept }
    for (const entry of readdirSync(path)) yield * candidates(join(path, entry), `${name}/${entry}`, preserve)
  } else if (stat.isSymbolicLink()) {
    yield { path: name, link: readlinkSync(path), ...kept }
  } else {
    yield { path: name, content: createReadStream(path), ...kept }
  }
}

async function rootOf (c) {
  const layout = c.layout === 'Trickle' ? trickle({ maxChildrenPerNode: c.links }) : balanced({ maxChildrenPerNode: c.links })
  const options = {
    chunker: fixedSize({ chunkSize: c.chunkSize }),
    layout,
    leafType: c.layout === 'Trickle' ? 'raw' : 'file',
    reduceSingleLeafToSelf: c.layout !== 'Trickle',
    rawLeaves: c.rawLeaves,
    cidVersion: c.cidVersion,
    shardSplitStrategy: c.rule === 'LinksBytes' ? 'links-bytes' : 'block-bytes',
    shardSplitThresholdBytes: c.threshold,
    shardFanoutBits: c.fanoutBits,
    fieldOrder: 'links-first'
  }
  let root
  for await (const entry of fs.addAll(candidates(c.path, 'root', c.preserve), options)) root = entry
  return root.cid.toString()
}

const answers = []
for (const c of JSON.parse(readFileSync(0, 'utf8'))) answers.push(await rootOf(c))
process.stdout.write(JSON.stringify(answers))
