using CsCheck;
using static Bitswap.Protocol.Tests.Messages.WireData;

namespace Bitswap.Protocol.Tests.Messages;

public sealed class MessageFuzzTests
{
    // One message may be the first to throw or to use a hash function, and pays for what that loads; all of them together show the rule.
    private const int MostAllocatedByOne = 1024 * 1024;
    private const int MostAllocatedOnAverage = 8 * 1024;
    private const int Messages = 20_000;

    private static readonly Gen<byte[]> _encoded = Gen.Select(MessageOracleTests.Messages, Gen.Int[0, Versions.Length - 1].Select(i => Versions[i]), (message, version) => Encode(message, version));

    /// <summary>Messages of which up to four places are changed.</summary>
    internal static readonly Gen<byte[]> Mutated = Gen.Select(
        _encoded, Gen.Select(Gen.Int[0, 5], Gen.Double.Unit, Gen.Double.Unit, Gen.Byte).Array[1, 4], (bytes, changes) => changes.Aggregate(bytes, Change));

    [Fact]
    public void Mutated_messages_are_read_or_refused_and_never_cost_much() => CostLittle(Mutated);

    [Fact]
    public void Random_bytes_are_read_or_refused_and_never_cost_much() =>
        CostLittle(Gen.Select(Gen.Int[1, 5], Gen.Byte.Array[0, 99], (field, rest) => (byte[])[(byte)((field << 3) | 2), .. rest]));

    [Fact]
    public void The_most_entries_of_the_smallest_cids_cost_a_small_multiple_of_the_message()
    {
        // Each entry 01 55 00 02 n n: CIDv1 raw identity. As many as one message may hold.
        int count = WireLimits.Default.MaxEntries;
        byte[] wants = [.. Enumerable.Range(0, count).SelectMany(n => Field(1, Field(1, 1, 0x55, 0, 2, (byte)n, (byte)(n >> 8))))];
        byte[] presences = [.. Enumerable.Range(0, count).SelectMany(n => Field(4, Field(1, 1, 0x55, 0, 2, (byte)n, (byte)(n >> 8))))];
        byte[] blocks = [.. Enumerable.Range(0, count).SelectMany(n => Field(2, (byte)n, (byte)(n >> 8)))];
        byte[] frame = [.. Field(1, wants), .. presences, .. blocks];

        long before = GC.GetAllocatedBytesForCurrentThread();
        BitswapMessage message = Decode(frame);
        long cost = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((count, count, count), (message.Wantlist.Count, message.Presences.Count, message.Blocks.Count));

        // 1.8 MB of message: CIDs, entries, arrays, and the dictionaries that find what repeats.
        Assert.InRange(cost, 0, 40 * 1024 * 1024);
    }

    private static void CostLittle(Gen<byte[]> messages)
    {
        long cost = 0;
        messages.Sample(bytes => Interlocked.Add(ref cost, Check(bytes)), iter: Messages, print: Hex);
        Assert.True(cost / Messages <= MostAllocatedOnAverage, $"{cost / Messages} bytes a message");
    }

    private static byte[] Change(byte[] bytes, (int Kind, double Where, double HowMuch, byte Value) change)
    {
        if (bytes.Length == 0)
        {
            return bytes;
        }

        int at = (int)(change.Where * bytes.Length);
        int end = at + (int)(change.HowMuch * (bytes.Length - at));
        return change.Kind switch
        {
            0 => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (change.Value % 8))), .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], change.Value, .. bytes[(at + 1)..]],
            2 => [.. bytes[..at], .. bytes[(at + 1)..]],
            3 => [.. bytes[..at], change.Value, .. bytes[at..]],
            4 => [.. bytes[..at], .. bytes[end..]],
            _ => [.. bytes, .. bytes[at..end]],
        };
    }

    private static long Check(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            BitswapMessage message = Decode(bytes);
            Assert.True(message.Blocks.All(block => block.Cid.Hash.Matches(block.Data.Span)));
        }
        catch (WireException error)
        {
            Assert.Equal(WireException.InvalidMessage, error.ErrorId);
        }

        long cost = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(cost <= MostAllocatedByOne, $"{cost} bytes for {bytes.Length}");
        return cost;
    }
}
