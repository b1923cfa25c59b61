using Bitswap.Protocol.Wire;
using Bitswap.Tests.Shared;
using static Bitswap.Protocol.Tests.Wire.WireData;

namespace Bitswap.Protocol.Tests.Wire;

public sealed class MessageFuzzTests
{
    // One message may be the first to throw or to use a hash function, and pays for what that loads; all of them together show the rule.
    private const int MostAllocatedByOne = 1024 * 1024;
    private const int MostAllocatedOnAverage = 8 * 1024;
    private const int Messages = 20_000;

    [Fact]
    public void Mutated_messages_are_read_or_refused_and_never_cost_much() => Seeded.Run(random =>
    {
        long cost = 0;
        for (int i = 0; i < Messages; i++)
        {
            byte[] bytes = Mutate(Encode(MessageOracleTests.RandomMessage(random), Versions[random.Next(4)]), random);
            cost += Check(bytes, $"message {i}");
        }

        Assert.True(cost / Messages <= MostAllocatedOnAverage, $"{cost / Messages} bytes a message");
    });

    [Fact]
    public void Random_bytes_are_read_or_refused_and_never_cost_much() => Seeded.Run(random =>
    {
        long cost = 0;
        for (int i = 0; i < Messages; i++)
        {
            byte[] bytes = new byte[random.Next(100)];
            random.NextBytes(bytes);
            if (bytes.Length > 0)
            {
                bytes[0] = (byte)((random.Next(1, 6) << 3) | 2);
            }

            cost += Check(bytes, $"message {i}");
        }

        Assert.True(cost / Messages <= MostAllocatedOnAverage, $"{cost / Messages} bytes a message");
    });

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

    internal static byte[] Mutate(byte[] bytes, Random random)
    {
        List<byte> mutated = [.. bytes];
        for (int changes = random.Next(4); changes >= 0 && mutated.Count > 0; changes--)
        {
            int at = random.Next(mutated.Count);
            switch (random.Next(6))
            {
                case 0:
                    mutated[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutated[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutated.RemoveAt(at);
                    break;
                case 3:
                    mutated.Insert(at, (byte)random.Next(256));
                    break;
                case 4:
                    mutated.RemoveRange(at, random.Next(mutated.Count - at));
                    break;
                default:
                    mutated.AddRange(mutated.GetRange(at, random.Next(mutated.Count - at)));
                    break;
            }
        }

        return [.. mutated];
    }

    private static long Check(byte[] bytes, string which)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            BitswapMessage message = Decode(bytes);
            Assert.True(message.Blocks.All(block => block.Cid.Hash.Matches(block.Data.Span)), which);
        }
        catch (WireException error)
        {
            Assert.True(error.ErrorId is WireException.InvalidMessage, $"{which}: {error.ErrorId}");
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{which}: {error}\n{Hex(bytes)}");
        }

        long cost = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(cost <= MostAllocatedByOne, $"{which}: {cost} bytes for {bytes.Length}\n{Hex(bytes)}");
        return cost;
    }
}
