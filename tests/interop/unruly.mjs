// Helia peers that fail those who fetch from them: Helia decides what to answer, and a small handler does something else with the answer.

import { base64 } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { varint } from 'multiformats'

const protocol = '/ipfs/bitswap/1.2.0'
const rawSha256 = [1, raw.code, 0x12, 32]
const murmur3 = [1, raw.code, 0x22, 4]

const number = value => varint.encodeTo(value, new Uint8Array(varint.encodingLength(value)))
const field = (id, bytes) => Buffer.concat([number(id << 3 | 2), number(bytes.length), bytes])
const framed = bytes => Buffer.concat([number(bytes.length), bytes])
const withBlock = (prefix, data) => framed(field(3, Buffer.concat([field(1, Buffer.from(prefix)), field(2, data)])))
const anyBlock = message => message.blocks.values().next().value.data

/** The message with HAVE in place of each block. */
function promise (message) {
  const cid = key => CID.createV1(raw.code, decodeDigest(base64.decode(key)))
  const presences = [...message.blocks.keys()].map(key => [key, { cid: cid(key).bytes, type: 'HaveBlock' }])
  return { ...message, blocks: new Map(), blockPresences: new Map([...message.blockPresences, ...presences]) }
}

/** What each does with a message of Helia's that holds blocks. */
export const behaviours = {
  // sends it when its time is over
  late: async (message, wire) => {
    await wire.pause()
    await wire.send(message)
  },
  // says HAVE, and sends the block when its time is over
  promises: async (message, wire) => {
    await wire.send(promise(message))
    await wire.pause()
    await wire.send(message)
  },
  // says HAVE and no more
  'only-promises': (message, wire) => wire.send(promise(message)),
  silent: () => {},
  // sends nothing, as often as it is told to; for Helia it has sent it, and what is wanted again without a CANCEL it has sent already
  swallows: async (message, wire) => {
    if (wire.isSpent()) await wire.send(message)
  },
  // breaks off its stream in the middle of a block, as often as it is told to
  resets: async (message, wire) => {
    if (wire.isSpent()) return wire.send(message)
    const frame = withBlock(rawSha256, anyBlock(message))
    await wire.write(frame.subarray(0, frame.length / 2), { reset: true })
  },
  // sends a few of the blocks and hangs up, as often as it is told to
  'hangs-up': async (message, wire) => {
    if (wire.isSpent()) return wire.send(message)
    await wire.send({ ...message, blocks: new Map([...message.blocks].slice(0, 10)) })
    await wire.hangUp()
  },
  // hangs up and sends nothing
  leaves: (_, wire) => wire.hangUp(),
  'wrong-block': (message, wire) => wire.write(withBlock(rawSha256, anyBlock(message).toReversed())),
  'unknown-hash': (message, wire) => wire.write(withBlock(murmur3, anyBlock(message))),
  'too-big': (_, wire) => wire.write(withBlock(rawSha256, new Uint8Array(5 << 20))),
  malformed: (_, wire) => wire.write(Buffer.from([3, 0x0a, 0xff, 0xff]))
}

/** Has a Helia peer behave like that. `seconds` is how late it is, `times` how often it fails. */
export function misbehave ({ helia, bitswap }, name, { seconds, times }) {
  const behave = behaviours[name]
  if (behave == null) throw new Error(`${name} is none of ${Object.keys(behaviours).join(', ')}`)
  const { network } = bitswap
  const send = network.sendMessage.bind(network)
  let failures = 0
  network.sendMessage = async (peer, message, options) => {
    if (message.blocks.size === 0) return send(peer, message, options)
    await behave(message, {
      send: part => send(peer, part, options),
      pause: () => new Promise(resolve => setTimeout(resolve, seconds * 1000)),
      isSpent: () => failures++ >= times,
      hangUp: () => helia.libp2p.hangUp(peer),
      write: async (bytes, { reset = false } = {}) => {
        const stream = await helia.libp2p.dialProtocol(peer, protocol)
        // who reads may refuse what comes, and reset the stream
        if (!stream.send(bytes)) await stream.onDrain().catch(() => {})
        if (reset) stream.abort(new Error('It breaks off.'))
        else await stream.close().catch(() => {})
      }
    })
  }
}
