using Bitswap.Multiformats;
using Bitswap.Protocol.Wire;
using Bitswap.Tests.Shared;
using Google.Protobuf;
using static Bitswap.Protocol.Tests.Wire.WireData;
using Proto = Bitswap.Protocol.Wire.Generated;

namespace Bitswap.Protocol.Tests.Wire;

/// <summary>Holds the hand-written codec against the code that Google's compiler makes of bitswap.proto.</summary>
public sealed class MessageOracleTests
{
    [Fact]
    public void Random_messages_are_written_as_generated_code_writes_them() => Seeded.Run(random =>
    {
        for (int i = 0; i < 500; i++)
        {
            BitswapMessage message = RandomMessage(random);
            foreach (BitswapVersion version in Versions)
            {
                Assert.True(Encode(message, version).AsSpan().SequenceEqual(ToGenerated(message, version).ToByteArray()), $"message {i}, {version}");
            }
        }
    });

    [Fact]
    public void Random_messages_written_by_generated_code_are_read() => Seeded.Run(random =>
    {
        for (int i = 0; i < 500; i++)
        {
            BitswapMessage message = RandomMessage(random);
            BitswapMessage read = Decode(ToGenerated(message, BitswapVersion.V120).ToByteArray());
            Assert.True(
                read.Full == message.Full
                    && read.PendingBytes == message.PendingBytes
                    && read.Wantlist.SequenceEqual(message.Wantlist)
                    && read.Presences.SequenceEqual(message.Presences)
                    && read.Blocks.Select(block => block.Cid).SequenceEqual(message.Blocks.Select(block => block.Cid))
                    && read.Blocks.Zip(message.Blocks).All(pair => pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span)),
                $"message {i}");
        }
    });

    [Fact]
    public void What_is_read_of_a_mutated_message_is_what_generated_code_reads() => Seeded.Run(random =>
    {
        int read = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] bytes = MessageFuzzTests.Mutate(Encode(RandomMessage(random)), random);
            BitswapMessage message;
            try
            {
                message = Decode(bytes);
            }
            catch (WireException)
            {
                continue;
            }

            read++;
            Proto.Message generated = Proto.Message.Parser.ParseFrom(bytes);
            HashSet<Cid> wanted = [.. (generated.Wantlist?.Entries ?? []).Select(entry => Cid.FromBytes(entry.Block.Span))];
            Assert.True(
                message.Full == (generated.Wantlist?.Full ?? false)
                    && message.PendingBytes == generated.PendingBytes
                    && wanted.SetEquals(message.Wantlist.Select(entry => entry.Cid))
                    && message.Wantlist.Count == wanted.Count
                    && message.Blocks.Count + message.RejectedBlocks == generated.Blocks.Count + generated.Payload.Count
                    && message.Presences.Count <= generated.BlockPresences.Count,
                $"message {i}: {Hex(bytes)}");
        }

        Assert.True(read > 100, $"only {read} mutated messages were still messages");
    });

    internal static BitswapMessage RandomMessage(Random random)
    {
        int next = random.Next(1_000_000);
        Cid NextCid() => random.Next(2) == 0 ? RawCid(next++) : V0Block(BitConverter.GetBytes(next++)).Cid;
        int Number() => random.Next(3) switch { 0 => 0, 1 => random.Next(100), _ => random.Next(int.MinValue, int.MaxValue) };

        // Different counters keep the CIDs of the three lists apart, so that nothing merges.
        return new BitswapMessage
        {
            Full = random.Next(2) == 0,
            Wantlist =
            [
                .. Enumerable.Range(0, random.Next(5)).Select(_ => new WantlistEntry(
                    NextCid(), Number(), random.Next(2) == 0, (WantType)random.Next(2), random.Next(2) == 0)),
            ],
            Blocks = [.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomBlock(random))],
            Presences = [.. Enumerable.Range(0, random.Next(5)).Select(_ => new BlockPresence(NextCid(), (PresenceType)random.Next(2)))],
            PendingBytes = Number(),
        };
    }

    private static Block RandomBlock(Random random)
    {
        byte[] data = new byte[random.Next(4) == 0 ? 0 : random.Next(300)];
        random.NextBytes(data);
        return random.Next(3) switch
        {
            0 => V0Block(data),
            1 => RawBlock(data),
            _ => new Block(Cid.CreateV1(Multicodec.DagJson, Multihash.Compute(MultihashCode.Sha512, data)), data),
        };
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
