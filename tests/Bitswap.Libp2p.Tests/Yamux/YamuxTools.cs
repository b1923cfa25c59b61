using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Tests.Yamux;

internal static class YamuxTools
{
    public static async Task<byte[]> ReadToEndAsync(YamuxStream stream, int pieceSize = 10_000)
    {
        using var all = new MemoryStream();
        byte[] piece = new byte[pieceSize];
        int count;
        while ((count = await stream.ReadAsync(piece, default).Within()) > 0)
        {
            all.Write(piece, 0, count);
        }
        return all.ToArray();
    }

    public static async Task ReadExactlyAsync(YamuxStream stream, Memory<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int count = await stream.ReadAsync(destination, default).Within();
            Assert.True(count > 0, "the stream ended early");
            destination = destination[count..];
        }
    }

    public static async Task<Libp2pException> ThrowsAsync(string errorId, Func<Task> action)
    {
        Libp2pException error = await Assert.ThrowsAnyAsync<Libp2pException>(action);
        Assert.Equal(errorId, error.ErrorId);
        return error;
    }
}
