using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using CsCheck;
using Google.Protobuf;
using static Bitswap.Protocol.Tests.Messages.WireData;
using Proto = Bitswap.Protocol.Wire.Generated;

namespace Bitswap.Protocol.Tests.Messages;

/// <summary>Holds the hand-written codec against the code that Google's compiler makes of bitswap.proto.</summary>
public sealed class MessageOracleTests
{
    private static readonly Gen<int> _number = Gen.OneOf(Gen.Const(0), Gen.Int[0, 99], Gen.Int);
    private static readonly Gen<byte[]> _data = Gen.Byte.Array[0, 300];

    // of random bytes, so that no two of a message are the same and nothing merges
    private static readonly Gen<Cid> _cid = Gen.Select(Gen.Guid, Gen.Bool, (id, isRaw) => (isRaw ? RawBlock(id.ToByteArray()) : V0Block(id.ToByteArray())).Cid);
    private static readonly Gen<Block> _block = Gen.OneOf(
        _data.Select(V0Block),
        _data.Select(RawBlock),
        _data.Select(data => new Block(Cid.CreateV1(Multicodec.DagJson, Multihash.Compute(MultihashCode.Sha512, data)), data)));

    /// <summary>Messages with a few of everything.</summary>
    internal static readonly Gen<BitswapMessage> Messages = Gen.Select(
        Gen.Bool,
        Gen.Select(_cid, _number, Gen.Bool, Gen.Enum<WantType>(), Gen.Bool, (cid, priority, cancel, type, told) => new WantlistEntry(cid, priority, cancel, type, told)).Array[0, 4],
        _block.Array[0, 3],
        Gen.Select(_cid, Gen.Enum<PresenceType>(), (cid, type) => new BlockPresence(cid, type)).Array[0, 4],
        _number,
        (full, wantlist, blocks, presences, pending) =>
            new BitswapMessage { Full = full, Wantlist = wantlist, Blocks = blocks, Presences = presences, PendingBytes = pending });

    [Fact]
    public void Random_messages_are_written_as_generated_code_writes_them() => Messages.Sample(
        message => Versions.All(version => Encode(message, version).AsSpan().SequenceEqual(ToGenerated(message, version).ToByteArray())), iter: 500);

    [Fact]
    public void Random_messages_written_by_generated_code_are_read() => Messages.Sample(
        message =>
        {
            BitswapMessage read = Decode(ToGenerated(message, BitswapVersion.V120).ToByteArray());
            return read.Full == message.Full
                && read.PendingBytes == message.PendingBytes
                && read.Wantlist.SequenceEqual(message.Wantlist)
                && read.Presences.SequenceEqual(message.Presences)
                && read.Blocks.Select(block => block.Cid).SequenceEqual(message.Blocks.Select(block => block.Cid))
                && read.Blocks.Zip(message.Blocks).All(pair => pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span));
        },
        iter: 500);

    [Fact]
    public void What_is_read_of_a_mutated_message_is_what_generated_code_reads()
    {
        int read = 0;
        MessageFuzzTests.Mutated.Sample(
            bytes =>
            {
                BitswapMessage message;
                try
                {
                    message = Decode(bytes);
                }
                catch (WireException)
                {
                    return true;
                }

                Interlocked.Increment(ref read);
                Proto.Message generated = Proto.Message.Parser.ParseFrom(bytes);
                HashSet<Cid> wanted = [.. (generated.Wantlist?.Entries ?? []).Select(entry => Cid.FromBytes(entry.Block.Span))];
                return message.Full == (generated.Wantlist?.Full ?? false)
                    && message.PendingBytes == generated.PendingBytes
                    && wanted.SetEquals(message.Wantlist.Select(entry => entry.Cid))
                    && message.Wantlist.Count == wanted.Count
                    && message.Blocks.Count + message.RejectedBlocks == generated.Blocks.Count + generated.Payload.Count
                    && message.Presences.Count <= generated.BlockPresences.Count;
            },
            iter: 10_000,
            print: Hex);
        Assert.True(read > 100, $"only {read} mutated messages were still messages");
    }

    private static Proto.Message ToGenerated(BitswapMessage message, BitswapVersion version)
    {
        bool latest = version == BitswapVersion.V120;
        Proto.Message generated = new() { PendingBytes = latest ? message.PendingBytes : 0 };
        Proto.Message.Types.Wantlist wantlist = new() { Full = message.Full };
        foreach (WantlistEntry entry in message.Wantlist.Where(entry => latest || entry.Cancel || entry.Type == WantType.Block))
        {
            wantlist.Entries.Add(new Proto.Message.Types.Wantlist.Types.Entry
            {
                Block = ByteString.CopyFrom(entry.Cid.Bytes),
                Priority = entry.Priority,
                Cancel = entry.Cancel,
                WantType = latest ? (Proto.Message.Types.Wantlist.Types.WantType)entry.Type : default,
                SendDontHave = latest && entry.SendDontHave,
            });
        }

        generated.Wantlist = wantlist.CalculateSize() > 0 ? wantlist : null;
        foreach (Block block in message.Blocks)
        {
            ByteString data = ByteString.CopyFrom(block.Data.Span);
            if (version < BitswapVersion.V110)
            {
                generated.Blocks.Add(data);
            }
            else
            {
                byte[] prefix = block.Cid.Version == 0 ? [0, 0x70, 0x12, 0x20] : block.Cid.Bytes[..^block.Cid.Hash.Digest.Length].ToArray();
                generated.Payload.Add(new Proto.Message.Types.Block { Prefix = ByteString.CopyFrom(prefix), Data = data });
            }
        }

        foreach (BlockPresence presence in latest ? message.Presences : [])
        {
            generated.BlockPresences.Add(new Proto.Message.Types.BlockPresence
            {
                Cid = ByteString.CopyFrom(presence.Cid.Bytes),
                Type = (Proto.Message.Types.BlockPresenceType)presence.Type,
            });
        }

        return generated;
    }
}
