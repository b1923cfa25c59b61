#!/usr/bin/env node
// A trustless gateway on loopback that @helia/verified-fetch of npm answers for, with a folder that is added to it:
//
//   node gateway.mjs --path FOLDER [--threshold N]
//
// The first line on stdout is JSON: where it listens (`uri`) and the root (`cid`). It serves until SIGTERM or until standard input closes, and then prints the requests that were
// answered with a block or a CAR (`requests`: path and query, in their order).

import './node20.mjs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { addTree } from './files.mjs'
import { withHTTP } from '@helia/http'
import { createVerifiedFetchWithHelia } from '@helia/verified-fetch'
import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight } from 'helia'

const { values: options } = parseArgs({ options: { path: { type: 'string' }, threshold: { type: 'string', default: '262144' } } })
// it asks no other: without a broker of blocks it follows no path
const helia = await withHTTP(createHeliaLight({ blockstore: new MemoryBlockstore() }), { delegatedRouters: [], recursiveGateways: [] }).start()
const cid = await addTree(helia.blockstore, options.path, Number(options.threshold))
const verifiedFetch = await createVerifiedFetchWithHelia(helia)
const requests = []

const server = createServer(async (request, response) => {
  try {
    const question = new URL(request.url, 'http://127.0.0.1')
    const answer = await verifiedFetch(`ipfs://${question.pathname.slice('/ipfs/'.length)}${question.search}`, { headers: { accept: request.headers.accept ?? '*/*' }, offline: true })
    if (answer.ok) requests.push(request.url)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (request.method === 'HEAD' || answer.body == null) response.end()
    else await pipeline(Readable.fromWeb(answer.body), response)
  } catch (error) {
    process.stderr.write(`${request.url}: ${error.stack}\n`)
    if (response.headersSent) response.destroy()
    else response.writeHead(500).end()
  }
})

const print = value => process.stdout.write(`${JSON.stringify(value)}\n`)
const stop = () => {
  print({ requests })
  process.exit(0)
}
process.once('SIGTERM', stop)
process.stdin.once('close', stop).resume()
server.listen(0, '127.0.0.1', () => print({ uri: `http://127.0.0.1:${server.address().port}`, cid: cid.toString() }))
