using System.Numerics;
using System.Security.Cryptography;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Import;

public sealed class ChunkerTests
{
    [Theory]
    [InlineData("size-1", "size-1")]
    [InlineData("size-2096896", "size-2096896")]
    [InlineData("rabin", "rabin-87381-262144-393216")]
    [InlineData("rabin-48", "rabin-16-48-72")]
    [InlineData("rabin-16-17-18", "rabin-16-17-18")]
    [InlineData("rabin-min:100-avg:200-max:300", "rabin-100-200-300")]
    [InlineData("buzhash", "buzhash")]
    public void A_description_is_read_and_written(string text, string canonical) => Assert.Equal(canonical, Chunker.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("size")]
    [InlineData("size-0")]
    [InlineData("size--1")]
    [InlineData("size-2096897")]
    [InlineData("size-99999999999")]
    [InlineData("size-1-2")]
    [InlineData("rabin-47")]
    [InlineData("rabin-1500000")]
    [InlineData("rabin-2147483647")]
    [InlineData("rabin-15-100-200")]
    [InlineData("rabin-100-100-200")]
    [InlineData("rabin-100-200-200")]
    [InlineData("rabin-100-200-2096897")]
    [InlineData("rabin-1-2")]
    [InlineData("buzhash-1")]
    [InlineData("Size-10")]
    public void What_is_no_chunker_is_refused(string text) =>
        Assert.Equal(DagErrorIds.InvalidChunker, Assert.Throws<DagException>(() => Chunker.Parse(text)).ErrorId);

    [Fact]
    public void A_size_chunker_cuts_at_its_size_and_leaves_the_rest() =>
        Assert.Equal([100, 100, 50], Cuts(Chunker.Parse("size-100"), new byte[250]));

    [Fact]
    public void Rabin_cuts_content_where_the_chunker_of_kubo_does()
    {
        // Cuts worked out apart from this code, by the steps of whyrusleeping/chunker, which Kubo uses.
        byte[] content = new byte[20_000];
        for (int i = 0; i < 625; i++)
        {
            SHA256.HashData([.. "rabin"u8, (byte)(i >> 8), (byte)i], content.AsSpan(32 * i));
        }

        int[] small = Cuts(Chunker.Parse("rabin-16-64-256"), content);
        Assert.Equal([85, 30, 113, 168, 85, 72, 110, 104, 39, 26, 31, 93, 122, 98, 142, 21, 68, 23, 92, 106], small[..20]);
        Assert.Equal(255, small.Length);
        Assert.Equal(
            [806, 1213, 1454, 164, 172, 1628, 253, 264, 136, 1027, 939, 1500, 372, 542, 172, 200, 583, 732, 787, 1116],
            Cuts(Chunker.Parse("rabin-100-1000-2000"), content)[..20]);
    }

    [Fact]
    public void Rabin_cuts_where_the_remainder_of_the_last_16_bytes_ends_in_zeros() => Seeded.Run(40, random =>
    {
        int least = random.Next(16, 100);
        int average = least + random.Next(1, 400);
        int most = average + random.Next(1, 400);
        byte[] content = random.Bytes(random.Next(1, 4000));
        content.AsSpan(content.Length / 2, content.Length / 4).Clear();

        int[] cuts = Cuts(new RabinChunker(least, average, most), content);

        int start = 0;
        foreach (int cut in cuts)
        {
            int expected = Enumerable.Range(least, Math.Max(most - least + 1, 0))
                .FirstOrDefault(
                    length => start + length > content.Length || length == most || IsRabinCut(content.AsSpan(start + length - 16, 16), average), most);
            Assert.Equal(Math.Min(expected, content.Length - start), cut);
            start += cut;
        }

        Assert.Equal(content.Length, start);
    });

    [Fact]
    public void Buzhash_cuts_where_the_hash_of_the_last_32_bytes_ends_in_17_zeros()
    {
        byte[] content = new Random(9).Bytes(3_000_000);
        Chunker chunker = new BuzhashChunker();

        int[] cuts = Cuts(chunker, content);

        int start = 0;
        foreach (int cut in cuts[..^1])
        {
            Assert.InRange(cut, 128 * 1024, 512 * 1024);
            for (int length = 128 * 1024; length < cut; length++)
            {
                Assert.NotEqual(0u, Buzhash(content.AsSpan(start + length - 32, 32)) & 0x1ffff);
            }

            Assert.True(cut == 512 * 1024 || (Buzhash(content.AsSpan(start + cut - 32, 32)) & 0x1ffff) == 0);
            start += cut;
        }

        Assert.Contains(cuts, cut => cut < 512 * 1024);
        Assert.Equal(content.Length, cuts.Sum());
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(131071, new[] { 131071 })]
    [InlineData(131072, new[] { 131072 })]
    [InlineData(524288, new[] { 524288 })]
    [InlineData(524289, new[] { 524288, 1 })]
    public void Buzhash_cuts_what_has_no_mark_at_its_most(int length, int[] cuts)
    {
        // Equal bytes have one hash everywhere: all turns of one number together are its parity in every bit.
        byte[] content = new byte[length];
        content.AsSpan().Fill((byte)Array.FindIndex(BuzhashTable.Values.ToArray(), value => BitOperations.PopCount(value) % 2 == 1));
        Assert.Equal(cuts, Cuts(new BuzhashChunker(), content));
    }

    [Fact]
    public void Buzhash_cuts_what_has_a_mark_everywhere_at_its_least()
    {
        byte[] content = new byte[300_000];
        content.AsSpan().Fill((byte)Array.FindIndex(BuzhashTable.Values.ToArray(), value => BitOperations.PopCount(value) % 2 == 0));
        Assert.Equal([131072, 131072, 37856], Cuts(new BuzhashChunker(), content));
    }

    private static int[] Cuts(Chunker chunker, ReadOnlySpan<byte> content)
    {
        List<int> cuts = [];
        for (; !content.IsEmpty; content = content[cuts[^1]..])
        {
            cuts.Add(chunker.FindCut(content[..Math.Min(content.Length, chunker.MaxSize)]));
        }

        return [.. cuts];
    }

    /// <summary>The remainder, worked out as the polynomial division it is.</summary>
    private static bool IsRabinCut(ReadOnlySpan<byte> window, int average)
    {
        UInt128 value = 0;
        foreach (byte next in window)
        {
            value = (value << 8) | next;
        }

        for (int bit = 127; bit >= 53; bit--)
        {
            if ((value >> bit & 1) != 0)
            {
                value ^= (UInt128)17437180132763653 << (bit - 53);
            }
        }

        return ((ulong)value & ((1UL << BitOperations.Log2((uint)average)) - 1)) == 0;
    }

    private static uint Buzhash(ReadOnlySpan<byte> window)
    {
        uint state = 0;
        for (int i = 0; i < window.Length; i++)
        {
            state ^= BitOperations.RotateLeft(BuzhashTable.Values[window[i]], window.Length - 1 - i);
        }

        return state;
    }
}
