using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaFrameTests
{
    private const int Most = 100_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(4094)]
    [InlineData(4096)]
    [InlineData(Most)]
    public Task A_message_is_read_however_it_comes(int size) => Seeded.RunAsync(5, async random =>
    {
        byte[] message = random.Bytes(size);

        Assert.Equal(message, await ReadAsync(KademliaMessages.Frame(message), int.MaxValue));
        Assert.Equal(message, await ReadAsync(KademliaMessages.Frame(message), random.Next(1, 700)));
        Assert.Equal(message, await ReadAsync([.. KademliaMessages.Frame(message), 1, 2, 3], int.MaxValue));
    });

    [Fact]
    public async Task A_message_that_is_cut_off_is_refused()
    {
        byte[] frame = KademliaMessages.Frame(new byte[200]);

        foreach (int length in new[] { 0, 1, 2, 100, frame.Length - 1 })
        {
            await RefusedAsync(frame[..length]);
        }
    }

    [Fact]
    public async Task A_length_over_the_limit_is_refused_before_anything_else_is_read()
    {
        int reads = 0;
        byte[] claim = KademliaMessages.Frame(new byte[Most + 1])[..3];

        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => KademliaFrame.ReadAsync(
            (buffer, _) =>
            {
                reads++;
                claim.CopyTo(buffer);
                return ValueTask.FromResult(claim.Length);
            },
            Most,
            message => message.Length,
            CancellationToken.None).Within());

        Assert.Equal(Libp2pErrorIds.ProtocolViolation, error.ErrorId);
        Assert.Equal(1, reads);
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("ffffffffffffffffff01")]
    [InlineData("ffffffffffffffff7f")]
    public Task A_length_that_is_no_varint_or_absurd_is_refused(string hex) => RefusedAsync(Convert.FromHexString(hex));

    [Fact]
    public async Task What_is_claimed_is_not_what_is_allocated()
    {
        byte[] start = KademliaMessages.Frame(new byte[16 * 1024 * 1024])[..100];
        int largest = 0;
        int at = 0;

        await Assert.ThrowsAsync<Libp2pException>(() => KademliaFrame.ReadAsync(
            (buffer, _) =>
            {
                largest = Math.Max(largest, buffer.Length);
                int count = Math.Min(1, start.Length - at);
                start.AsSpan(at, count).CopyTo(buffer.Span);
                at += count;
                return ValueTask.FromResult(count);
            },
            16 * 1024 * 1024,
            message => message.Length,
            CancellationToken.None).Within());

        Assert.InRange(largest, 1, 64 * 1024);
    }

    private static async Task RefusedAsync(byte[] bytes)
    {
        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => ReadAsync(bytes, int.MaxValue));
        Assert.Equal(Libp2pErrorIds.ProtocolViolation, error.ErrorId);
    }

    private static Task<byte[]> ReadAsync(byte[] bytes, int step)
    {
        int at = 0;
        return KademliaFrame.ReadAsync(
            (buffer, _) =>
            {
                int count = Math.Min(Math.Min(step, buffer.Length), bytes.Length - at);
                bytes.AsSpan(at, count).CopyTo(buffer.Span);
                at += count;
                return ValueTask.FromResult(count);
            },
            Most,
            message => message.ToArray(),
            CancellationToken.None).Within();
    }
}
