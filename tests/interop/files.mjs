// Folders of a disk into UnixFS blocks and back, by @helia/unixfs

import { createReadStream, createWriteStream, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { unixfs } from '@helia/unixfs'
import { exporter } from 'ipfs-unixfs-exporter'

function * candidates (path, name) {
  const stat = lstatSync(path)
  if (stat.isDirectory()) {
    yield { path: name }
    for (const entry of readdirSync(path)) yield * candidates(join(path, entry), `${name}/${entry}`)
  } else if (stat.isSymbolicLink()) {
    yield { path: name, link: readlinkSync(path) }
  } else {
    yield { path: name, content: createReadStream(path, { highWaterMark: 1 << 20 }) }
  }
}

// The root's CID; folders of more bytes than the threshold are sharded
export async function addTree (blockstore, path, threshold) {
  let root
  const options = { cidVersion: 1, rawLeaves: true, shardSplitStrategy: 'links-bytes', shardSplitThresholdBytes: threshold }
  for await (const entry of unixfs({ blockstore }).addAll(candidates(path, 'root'), options)) root = entry
  return root.cid
}

// Saves a tree; a file that is there with all its bytes is left alone
export async function saveTree (blockstore, cid, path, options) {
  const entry = await exporter(cid, blockstore, options)
  if (entry.type === 'directory') {
    mkdirSync(path, { recursive: true })
    for await (const child of entry.entries(options)) await saveTree(blockstore, child.cid, join(path, child.name), options)
  } else if (entry.unixfs?.type === 'symlink') {
    rmSync(path, { force: true })
    symlinkSync(Buffer.from(entry.unixfs.data).toString('utf8'), path)
  } else if (statSync(path, { throwIfNoEntry: false })?.size !== Number(entry.size)) {
    await pipeline(entry.content(options), createWriteStream(path))
  }
}
